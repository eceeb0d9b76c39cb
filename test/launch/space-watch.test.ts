import { HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { freeBytesMin, freeBytesOf } from '../../packages/cli/src/free-space.js'
import { describeLaunchEvent } from '../../packages/cli/src/launch/describe-event.js'
import { watchSpace } from '../../packages/cli/src/launch/space-watch.js'
import { recordTerminal } from '../cli/recorded-terminal.js'

describe('the disk of a store', () => {
  let clock: HeapClock
  let said: (string | undefined)[]
  let free: () => Promise<number>
  beforeEach(() => {
    clock = new HeapClock()
    said = []
  })

  const watch = () =>
    watchSpace({
      folder: 'data',
      clock,
      freeBytes: () => free(),
      onEvent: (event) => said.push(describeLaunchEvent(event)),
    })
  const pass = async (): Promise<void> => {
    clock.runUntil(clock.now() + 10_000)
    await new Promise((resolve) => setImmediate(resolve))
  }

  it('that runs full is told of once, and once when it has room again', async () => {
    free = async () => freeBytesMin
    const stop = watch()
    await pass()
    expect(said).to.deep.equal([])
    free = async () => freeBytesMin / 2
    await pass()
    await pass()
    expect(said).to.have.length(1)
    expect(said[0]).to.match(/^warning: only 0\.5 GiB free at data: make room/)
    free = async () => freeBytesMin * 2
    await pass()
    await pass()
    expect(said).to.have.length(2)
    expect(said[1]).to.match(/^2\.0 GiB free at data again; .*start the cluster again/)
    stop()
    expect(clock.size).to.equal(0)
  })

  it('that cannot be looked at is looked at again', async () => {
    free = async () => Promise.reject(new Error('gone'))
    const stop = watch()
    await pass()
    free = async () => 0
    await pass()
    expect(said).to.have.length(1)
    stop()
    await pass()
    expect(said).to.have.length(1)
  })

  it('is measured where it is', async () => {
    const terminal = recordTerminal()
    expect(await freeBytesOf(terminal.folder)).to.be.above(0)
    terminal.remove()
  })
})
