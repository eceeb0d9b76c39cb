import type { Deed } from './breaker-table.js'
import {
  afterFailure,
  afterSuccess,
  born,
  noRequest,
  type RequestRecord,
  type WorkerRecord,
} from './worker-record.js'

/** Something that may happen: what it makes of the worker, and what is done to the breakers. */
export interface BreakerStep {
  readonly word: string
  readonly worker: WorkerRecord
  readonly deed?: Deed
  /** The place of the request that is sent by it. */
  readonly sends?: number
  /** The breakers let it through; without it they are not asked. */
  readonly isAsked?: true
}

/** What there is of the world around the breakers. */
export interface BreakerWorld {
  /** Requests at once, in turn of each shard. */
  readonly requests: number
  readonly shards: number
  readonly generations: number
  readonly failuresMax: number
  readonly looksBefore: boolean
  readonly notesFailuresOnly: boolean
}

type Change = Partial<RequestRecord>

/** What may happen to a worker and its requests, whatever its breakers are. */
export function stepsOf(worker: WorkerRecord, world: BreakerWorld): readonly BreakerStep[] {
  const { generation } = worker
  const places = [...Array(world.requests).keys()]
  return [
    ...places.flatMap((place) => ofRequest(worker, place, world)),
    ...[...Array(world.shards).keys()].map((shard) => termEnds(worker, shard, world)),
    ...(generation === 1 && world.generations > 1
      ? [{ word: 'w.1 has ended', worker: { ...born(worker.requests, 0) }, deed: { kind: 'end' } as const }]
      : []),
    ...(generation === 0 ? [{ word: 'w.2 begins', worker: born(worker.requests, 2) }] : []),
  ]
}

/** The leader of a shard is deposed, and leads again: what it had proposed is nobody's, what is out is of an older term. */
function termEnds(worker: WorkerRecord, shard: number, { shards }: BreakerWorld): BreakerStep {
  const requests = worker.requests.map((request, place) => {
    if (place % shards !== shard || request.stage === 'none') return request
    const isOut = request.stage === 'out' || request.stage === 'told'
    return isOut ? { ...request, isOurs: false, isAsked: false } : noRequest
  })
  return {
    word: `another leads shard ${shard}, then the same manager again`,
    worker: { ...worker, requests },
  }
}

function ofRequest(worker: WorkerRecord, place: number, world: BreakerWorld): BreakerStep[] {
  const request = worker.requests[place] ?? noRequest
  const { stage, generation } = request
  const named = `request ${place} of shard ${place % world.shards}`
  const becomes = (change: Change, of = worker): WorkerRecord => ({
    ...of,
    requests: of.requests.with(place, { ...(of.requests[place] ?? noRequest), ...change }),
  })
  switch (stage) {
    case 'none':
      return worker.generation === 0 ? [] : sending(worker, place, world, named)
    case 'looked':
      return [sent(worker, place, `${named} is sent`)]
    case 'proposed':
      return [
        {
          word: `${named} is in the log`,
          worker: becomes({ stage: 'out' }),
          deed: { kind: 'settle', place },
        },
        {
          word: `the log does not take ${named}`,
          worker: becomes(noRequest),
          deed: { kind: 'withdraw', place },
        },
      ]
    default: {
      const of = { place, generation }
      const taken = becomes({ stage: 'told' }, afterSuccess(worker, place))
      const failed = (change: Change): WorkerRecord =>
        becomes(change, afterFailure(worker, place, world.failuresMax))
      const silence: BreakerStep = {
        word: `nothing is heard of ${named}`,
        worker: failed({ isAsked: true }),
        deed: { kind: 'failed', ...of },
      }
      const success: BreakerStep = {
        word: `w.${generation} says that it has taken ${named}`,
        worker: taken,
        ...(world.notesFailuresOnly ? {} : { deed: { kind: 'taken', ...of } }),
      }
      const refusal: BreakerStep = {
        word: `w.${generation} refuses ${named}`,
        worker: failed({ stage: 'told' }),
        deed: { kind: 'failed', ...of },
      }
      const over: BreakerStep = {
        word: `nothing is left of ${named}`,
        worker: becomes(noRequest),
        deed: { kind: 'settle', place },
      }
      return [
        success,
        over,
        ...(stage === 'out' ? [refusal] : []),
        ...(request.isOurs && !request.isAsked ? [silence] : []),
      ]
    }
  }
}

function sending(worker: WorkerRecord, place: number, world: BreakerWorld, named: string): BreakerStep[] {
  if (!world.looksBefore)
    return [{ ...sent(worker, place, `w.${worker.generation} is given ${named}`), isAsked: true }]
  const looked = { ...noRequest, stage: 'looked' as const, generation: worker.generation }
  const requests = worker.requests.with(place, looked)
  return [{ word: `${named} finds that it may be sent`, worker: { ...worker, requests }, isAsked: true }]
}

function sent(worker: WorkerRecord, place: number, word: string): BreakerStep {
  const { generation } = worker
  const proposed = { ...noRequest, stage: 'proposed' as const, generation, isFresh: true }
  const requests = worker.requests.with(place, proposed)
  // What was begun by the request that was there before is nobody's any more.
  const opener = worker.opener === place ? -1 : worker.opener
  return {
    word,
    worker: { ...worker, requests, opener },
    deed: { kind: 'send', place, generation },
    sends: place,
  }
}
