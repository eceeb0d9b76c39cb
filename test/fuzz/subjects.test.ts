import type { MessageCodec } from '@covey/protocol'
import * as protocol from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { type FrameDoor, frameDoors } from './frame-doors.js'
import { FrameMutator } from './frame-mutator.js'
import { fuzzedFrames, fuzzSeed } from './fuzz-size.js'
import { FuzzedCluster } from './fuzzed-cluster.js'
import { validFrames } from './valid-frames.js'

/** Frames for one cluster, before there is a fresh one: those that are let in may end it. */
const framesEach = 2_000
const total = fuzzedFrames / 2

interface Frame {
  readonly door: FrameDoor
  readonly subject: string
  readonly data: Uint8Array
}

const messages = new Map(
  Object.values(protocol as Record<string, unknown>)
    .filter(
      (value): value is MessageCodec<string, unknown> =>
        typeof value === 'object' && value !== null && 'encode' in value && 'kind' in value,
    )
    .map((message) => [message.kind, message]),
)

const fits = (kinds: readonly string[], data: Uint8Array): boolean =>
  kinds.some((kind) => {
    try {
      messages.get(kind)?.decode(data)
      return true
    } catch {
      return false
    }
  })

/** Frames for all doors in turn, those that have to be refused apart from those that may come in. */
function makeFrames(
  doors: readonly FrameDoor[],
  seed: number,
): { readonly bad: Frame[]; readonly odd: Frame[] } {
  const random = seededRandom(seed)
  const mutator = new FrameMutator(random)
  const all = [...validFrames.values()]
  const frames: { bad: Frame[]; odd: Frame[] } = { bad: [], odd: [] }
  for (let number = 0; number < framesEach; number += 1) {
    const door = doors[number % doors.length] as FrameDoor
    const kind = door.kinds[number % door.kinds.length] as string
    const isForeign = random.next() < 0.05
    const valid = isForeign ? all[number % all.length] : validFrames.get(kind)
    const data = mutator.next(valid as Uint8Array)
    const frame = { door, subject: door.subject(number + 100), data }
    frames[fits(door.kinds, data) ? 'odd' : 'bad'].push(frame)
  }
  return frames
}

async function send(cluster: FuzzedCluster, frames: readonly Frame[]): Promise<void> {
  const { control, facts, outbox } = cluster.attacker
  for (const [index, { door, subject, data }] of frames.entries()) {
    if (door.by === 'bus') control.publish(subject, data, index % 2 === 0 ? 'covey.test.nowhere' : undefined)
    else void (door.by === 'facts' ? facts : outbox).create(subject, data)
    if (index % 50 === 49) await cluster.pass(2)
  }
  await cluster.pass(50)
}

/** How often each subject must have been heard to refuse. */
function expected(frames: readonly Frame[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { subject, door } of frames) counts.set(subject, (counts.get(subject) ?? 0) + door.hearers)
  return counts
}

/** Subjects whose refusals were counted otherwise than frames were sent: `subject: counted of sent`. */
const miscounts = (counted: ReadonlyMap<string, number>, sent: ReadonlyMap<string, number>): string[] =>
  [...new Set([...counted.keys(), ...sent.keys()])]
    .filter((subject) => counted.get(subject) !== sent.get(subject))
    .map((subject) => `${subject}: ${counted.get(subject)} of ${sent.get(subject)}`)

async function besiege(seed: number): Promise<number> {
  const cluster = new FuzzedCluster()
  try {
    await cluster.form()
    const { bad, odd } = makeFrames(frameDoors(cluster), seed)
    await send(cluster, bad)
    expect(miscounts(cluster.refused(), expected(bad)), `seed ${seed}`).to.deep.equal([])
    await cluster.works('after')
    await send(cluster, odd)
    await cluster.pass(20_000)
    expect(cluster.defects, `seed ${seed}`).to.deep.equal([])
    return bad.length
  } finally {
    await cluster.close()
  }
}

describe('Every subject on which a manager, a worker or a client listens', () => {
  it(`survives ${total} malformed, truncated, oversized and foreign frames, and counts each that it refuses (seed ${fuzzSeed})`, async function () {
    this.timeout(20 * total)
    let refused = 0
    for (let round = 0; round * framesEach < total; round += 1)
      refused += await besiege(fuzzSeed * 1_000 + round)
    expect(refused).to.be.above(total / 2)
  })
})
