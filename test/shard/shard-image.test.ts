import { imageOf, packRow, restoreShard, type ShardState } from '@covey/actors'
import { packValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { AgedMap } from '../../actors/shard/aged-map.js'
import { FoldedLog, work } from './folded-log.js'
import { randomMove } from './random-moves.js'

const imageBytes = (state: ShardState): Uint8Array => Buffer.concat([...imageOf(state)].map(packRow))

/** Everything of a shard but who listens, with its maps as lists, since their order decides too. */
// In which order keys came to be held decides nothing.
const plain = ({ listeners: _, notice: __, heldKeys, ...state }: ShardState): unknown =>
  JSON.parse(
    JSON.stringify({ ...state, held: [...heldKeys].sort() }, (key, value: unknown) => {
      if (key === 'job') return (value as { id: string }).id
      if (key === 'dependents') return (value as { id: string }[]).map(({ id }) => id)
      if (key === 'snapshot') {
        const { value: at, context, status } = value as Record<string, unknown>
        return { at, context, status }
      }
      const isMap = value instanceof Map || value instanceof AgedMap
      if ((key === 'attempts' || key === 'ended') && isMap)
        return [...(value as Iterable<[{ id: string } | string, Set<{ id: string }> | number]>)].map(
          ([of, held]) => [
            typeof of === 'string' ? of : of.id,
            typeof held === 'number' ? held : [...held].map(({ id }) => id),
          ],
        )
      if (isMap) return [...value]
      if (value instanceof Set) return [...value]
      return value
    }),
  )

const keyed = { ...work('a'), demand: { priority: 3, key: 'tenant 7', requires: ['gpu'] } }

const moved = (moves: readonly number[]): FoldedLog => {
  const log = new FoldedLog()
  log.retention = { workflows: 3, bytes: 10_000, ms: 1_000 }
  log.claim(2)
  let token = '1.1.1.0'
  moves.forEach((move, index) => {
    if (index % 7 === 0) log.submit(`job${index}`, [keyed, work('b', ['a']), work('c', ['a', 'b'])])
    token = randomMove(log, move, token, `job${index - (index % 7)}/a`)
  })
  return log
}

describe('image of a shard', () => {
  it('K3 is the shard again, and goes on as the log does', () => {
    const moves = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
    fc.assert(
      fc.property(moves, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
        const whole = moved(list)
        const cut = Math.floor(share * whole.entries.length)
        const restored = restoreShard(imageBytes(whole.foldedTo(cut)))
        expect(plain(restored)).to.deep.equal(plain(whole.foldedTo(cut)))
        whole.foldOn(restored, cut)
        expect(plain(restored)).to.deep.equal(plain(whole.state))
      }),
      { numRuns: 100, seed: 20_261_122 },
    )
  })

  it('is of the moment at which it was asked for, whatever happens while its rows are taken', () => {
    const log = new FoldedLog()
    log.submit('job', [work('a'), work('b', ['a'])])
    const token = log.assign('job/a')
    const [rows, before] = [imageOf(log.state)[Symbol.iterator](), imageBytes(log.state)]
    const taken = [rows.next().value]
    log.batch([{ type: 'workflow.completed', workflow: 'job/a', token, result: packValue(1) }], 50)
    log.submit('other', [work('x')])
    for (let row = rows.next(); !row.done; row = rows.next()) taken.push(row.value)
    expect(Buffer.concat(taken.map((row) => packRow(row as never)))).to.deep.equal(before)
  })

  it('is refused where it is cut short, is of another version, or is none', () => {
    const log = new FoldedLog()
    log.submit('job', [work('a')])
    const rows = [...imageOf(log.state)]
    const short = Buffer.concat(rows.slice(0, -1).map(packRow))
    expect(() => restoreShard(short)).to.throw('its end is missing')
    const [, ...rest] = rows
    const other = Buffer.concat([packValue(['head', { version: 99 }]), ...rest.map(packRow)])
    expect(() => restoreShard(other)).to.throw('its version 99 is not ')
    expect(() => restoreShard(packValue('what'))).to.throw('a row is not a list')
    expect(() => restoreShard(Buffer.from([0x92, 0x01]))).to.throw('not msgpack')
  })
})
