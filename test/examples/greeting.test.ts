import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Broker, startBroker, systemClock } from '@covey/transport'
import { expect } from 'chai'

const example = fileURLToPath(new URL('../../examples/greeting/dist/main.js', import.meta.url))

describe('The example of the README', () => {
  let broker: Broker

  before(async () => {
    broker = await startBroker({ startDeadlineMs: 10_000, clock: systemClock })
  })

  after(() => broker.stop())

  it('runs to its end on a broker and nothing else', async function () {
    this.timeout(30_000)
    const { stdout } = await promisify(execFile)(process.execPath, [example], {
      env: { ...process.env, COVEY_SERVER: broker.url },
      timeout: 25_000,
    })
    expect(stdout)
      .to.match(/^Hello, world!\n/)
      .and.to.include("outcome: 'ALREADY_COMPLETED'")
  })
})
