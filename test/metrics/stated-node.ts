import { Buckets } from '@covey/actors'
import type { MeasuredNode, NodeReading } from '@covey/metrics'

/** A worker that is what a test says; it counts how often it was looked at. */
export class StatedNode implements MeasuredNode {
  readonly name = 'w1'
  readonly cluster = 'test'
  readonly version = '1.2.3'
  readonly roles = ['worker'] as const
  looks = 0
  reading: NodeReading = {
    state: 'active',
    wasActive: true,
    generation: 3,
    connections: [
      { connection: 'control', isUp: true, reconnects: 2 },
      { connection: 'data', isUp: false, reconnects: 0 },
    ],
    members: {
      ...{ unverified: 0, joining: 0, active: 2, suspect: 1, leaving: 0 },
      ...{ departed: 0, reentering: 0, forgotten: 0, fenced: 0 },
    },
    busyMembers: 1,
    localHealth: 2,
    membership: {
      ...{ suspicions: 3, suspicionsEnded: 2, refutations: 1, votes: 8 },
      departures: { left: 1, exited: 0, crashed: 1, evicted: 0, superseded: 0 },
      ...{ probeMs: new Buckets([1, 10]), probesUnanswered: 4 },
      ...{ sentBytes: 500, receivedBytes: 700, dials: 6, backoffs: 5 },
    },
    actors: 7,
    deadLetters: 5,
    notices: { 'frame.refused': 4 },
    refusedFrames: { run: 3, other: 1 },
    worker: {
      ...{ state: 'full', slotsTotal: 4, slotsUsed: 4 },
      ...{ staleCommands: 1, running: 3, outboxWords: 2 },
    },
    shards: [],
  }

  connections() {
    return { connections: [], total: 0 }
  }

  read(): NodeReading {
    this.looks += 1
    return this.reading
  }
}
