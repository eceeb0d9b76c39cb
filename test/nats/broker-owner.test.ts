import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { eventually } from '../transport/transport-world.js'
import { isAlive, isListening, killOwners, spawnOwner } from './broker-owner.js'

describe('Owner of an embedded broker', () => {
  afterEach(killOwners)

  it('takes the broker and its temporary folder along when it is killed with -9', async () => {
    const { pid, broker } = await spawnOwner()
    process.kill(pid, 'SIGKILL')
    await eventually('the broker is gone', () => !isAlive(broker.pid))
    await eventually('its folder is gone', () => !existsSync(broker.dataDir))
    expect(await isListening(broker.url)).to.equal(false)
  })

  it('is followed at once by another on the same store when it is killed with -9', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'covey-test-'))
    const { pid, broker } = await spawnOwner(dataDir)
    process.kill(pid, 'SIGKILL')
    await eventually('the owner is gone', () => !isAlive(pid))
    const next = await startBroker({ dataDir, startDeadlineMs: 8_000, clock: systemClock })
    expect(isAlive(broker.pid)).to.equal(false)
    await next.stop()
    await rm(dataDir, { recursive: true })
  })

  it('says goodbye over the broker after a Ctrl-C that reaches its whole process group', async () => {
    const owner = await spawnOwner()
    process.kill(-owner.pid, 'SIGINT')
    expect(await owner.nextLine()).to.deep.equal({ flushed: true })
    expect(await owner.exited).to.equal(0)
    expect(isAlive(owner.broker.pid)).to.equal(false)
    expect(existsSync(owner.broker.dataDir)).to.equal(false)
  })
})
