import { limits, replicatedTimings, singleServerTimings, type Timings } from '@covey/protocol'
import { expect } from 'chai'
import { startNode } from 'covey'
import { rejection } from './client-world.js'

const nobody = { name: 'a', server: 'nats://127.0.0.1:1', logger: 'silent' } as const
/** As a program without types would pass them. */
const startWith = (options: object) => rejection(startNode({ ...nobody, ...options }))

describe('Options of startNode that no node can be with', () => {
  it('are timings that are not whole, or no times: the one is named, and nothing is dialled', async () => {
    const isNone = [undefined, Number.NaN, 0, -1, '250', limits.deadlineMsMax + 1]
    for (const name of Object.keys(singleServerTimings))
      for (const ms of isNone) {
        const error = await startWith({ timings: { ...singleServerTimings, [name]: ms } })
        expect(error).to.include({ code: 'invalid_options', address: `startNode.timings.${name}` })
      }
    const misspelt = { ...singleServerTimings, probeInterval: 1 }
    expect(await startWith({ timings: misspelt })).to.include({ mend: 'did you mean probeIntervalMs?' })
    expect(await startWith({ timings: 5 })).to.include({ code: 'invalid_options' })
  })

  it('K7 are timings by which a lease is over before its worker fences itself', async () => {
    const late: Timings = { ...singleServerTimings, workerLeaseMs: singleServerTimings.workerSelfFenceMs }
    expect((await startWith({ timings: late })).message).to.include('exclusive work would run twice')
    for (const timings of [singleServerTimings, replicatedTimings])
      expect(await startWith({ timings })).to.include({ code: 'unreachable' })
  })

  it('are workflows that are no definitions', async () => {
    for (const workflows of [[5], [undefined], {}, [{ name: 'a' }], 'a'])
      expect(await startWith({ workflows })).to.include({
        ...{ code: 'invalid_options', address: 'startNode' },
        message: 'startNode: workflows are no list of definitions',
      })
  })
})
