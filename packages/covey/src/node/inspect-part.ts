import type { Environment, FoldedDetails, NodePart } from '@covey/actors'
import { stateText } from '@covey/engine'
import {
  type ConnectionReport,
  CoveyError,
  type InspectAnswer,
  type InspectMessage,
  inspectAnswer,
  inspectMessage,
  limits,
  reportOfError,
} from '@covey/protocol'
import type { BusMessage } from '@covey/transport'
import { createChannelPart } from './channel-part.js'
import { contextJson } from './context-json.js'
import type { LastLetters } from './last-letters.js'

/** What an inspection of a node is made with. */
export interface InspectOptions {
  /** The charts that this node leads, where it is a manager. */
  readonly details: FoldedDetails | undefined
  /** The connections of the node. */
  readonly connections: () => ConnectionReport
  /** Figures that others keep: of notices, of watches. */
  readonly counters: () => Readonly<Record<string, number>>
  /** The wall clock in milliseconds, to be compared with others. */
  readonly wallNow: () => number
  /** Names of the workflows that this node can run. */
  readonly offers: readonly string[]
  /** Its labels, and those of its offers that it may not run for want of one. */
  readonly labels: readonly string[]
  readonly unfit: readonly string[]
  /** The last dead letters, where they are kept. */
  readonly letters: LastLetters | undefined
}

const cut = (text: string): string => text.slice(0, limits.actorTextMax)

/**
 * Lets other processes look closer at this node: the context and the timers of one actor, its counters, its last dead
 * letters, the ground it stands on, the jobs that it leads, its connections. Each answer is computed when it is asked for, and bounded; a
 * node that nobody asks spends nothing.
 */
export const createInspectPart = (env: Environment, options: InspectOptions): NodePart =>
  createChannelPart(env, 'inspect', { take: (_self, message) => take(env, options, message) })

function take(env: Environment, options: InspectOptions, { subject, data, reply }: BusMessage): void {
  try {
    const question = inspectMessage.decode(data)
    if (reply !== undefined)
      env.links.data.publish(reply, inspectAnswer.encode(answerTo(env, options, question)))
  } catch (error) {
    if (!(error instanceof CoveyError && error.code === 'invalid_message')) throw error
    env.notice({ kind: 'frame.refused', subject, error })
  }
}

function answerTo(env: Environment, options: InspectOptions, question: InspectMessage): InspectAnswer {
  switch (question.type) {
    case 'actor':
      return (
        ownActor(env, question.actor) ??
        foldedActor(options, question) ??
        notFound(`no actor ${question.actor} lives here`)
      )
    case 'counters':
      return { type: 'counters', counters: countersOf(env, options) }
    case 'letters':
      return { type: 'letters', letters: options.letters?.all() ?? [], total: env.system.deadLetters }
    case 'ground':
      return groundAnswer(options)
    case 'jobs':
      return jobsAnswer(options)
    case 'connections':
      return { type: 'connections', ...options.connections() }
  }
}

function ownActor({ system, clock }: Environment, address: string): InspectAnswer | undefined {
  const snapshot = system.snapshot(address) as
    | { status: string; value?: Parameters<typeof stateText>[0]; context?: unknown }
    | undefined
  if (snapshot === undefined) return undefined
  const nowMs = clock.now()
  const timers = system
    .timersOf(address)
    .slice(0, limits.inspectTimersMax)
    .map(({ event, dueMs }) => ({ event: cut(event.type), dueInMs: Math.max(0, dueMs - nowMs) }))
  const state = cut(stateText(snapshot.value ?? snapshot.status))
  return { type: 'actor', state, context: contextJson(snapshot.context ?? null), timers }
}

function foldedActor(
  { details }: InspectOptions,
  { kind, actor }: Extract<InspectMessage, { type: 'actor' }>,
): InspectAnswer | undefined {
  const found = details?.find(kind, actor)
  if (found === undefined) return undefined
  const { state, context, due } = found
  return { type: 'actor', state, context: contextJson(context), timers: due === null ? [] : [due] }
}

function groundAnswer({ wallNow, offers, labels, unfit, details }: InspectOptions): InspectAnswer {
  const can = { offers: [...offers], labels: [...labels], unfit: [...unfit] }
  return { type: 'ground', wallNowMs: wallNow(), ...can, queued: [...(details?.queued() ?? [])] }
}

function jobsAnswer({ details }: InspectOptions): InspectAnswer {
  const { jobs, total } = details?.jobs(limits.inspectJobsMax) ?? { jobs: [], total: 0 }
  return { type: 'jobs', jobs: [...jobs], total }
}

const notFound = (what: string): InspectAnswer => ({
  type: 'error',
  error: reportOfError(new CoveyError('not_found', what), limits.errorTextMax),
})

function countersOf({ system }: Environment, { details, counters }: InspectOptions): Record<string, number> {
  return {
    actors: system.addresses().length,
    deadLetters: system.deadLetters,
    ...counters(),
    ...details?.counters(),
  }
}
