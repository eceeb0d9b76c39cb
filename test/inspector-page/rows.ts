import type { ActorRow, JobStepRow, LetterRow, TransitionRow } from '@covey/inspector'

/** An actor of a node, as the server lists it. */
export const actorRow = (node: string, kind: string, actor: string, state: string): ActorRow => ({
  ...{ key: `${node}/1/${actor}`, node, generation: 1, kind, actor, state, sinceMs: 0 },
})

/** A folded chart, as the server lists it. */
export const foldedRow = (kind: string, actor: string, state: string): ActorRow => ({
  ...{ key: `shard.0/${actor}`, node: 'manager-1', generation: 1, kind, actor, state, sinceMs: 0 },
})

/** The transition of a number, of some worker. */
export const transitionRow = (number: number, more: Partial<TransitionRow> = {}): TransitionRow => ({
  ...{
    number,
    heardAtMs: number,
    key: 'worker-1/1/worker',
    kind: 'worker',
    from: 'ready',
    event: 'turn.ended',
  },
  ...{ to: 'full', at: { local: number }, elapsedMs: 1 },
  ...more,
})

/** A step that waits for others. */
export const stepRow = (
  step: string,
  after: readonly string[],
  more: Partial<JobStepRow> = {},
): JobStepRow => ({
  ...{ step, name: step.replace(/-\d+$/, ''), after, state: 'waiting', attempt: 0 },
  ...{ token: null, node: null, error: null, progress: null },
  ...more,
})

/** The dead letter of a number. */
export const letterRow = (number: number): LetterRow => ({
  ...{ node: 'worker-1', generation: 1, number, atMs: number, actor: `peer.${number}` },
  ...{ event: 'probe.answered', reason: 'unknown' },
})
