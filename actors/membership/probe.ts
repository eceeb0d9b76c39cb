import { type ProbeAnswer, probeAnswer, probeMessage, relayAnswer, relayMessage } from '@covey/protocol'
import type { RequestOutcome } from '@covey/transport'
import type { Environment } from '../environment.js'
import { readPayload } from './frame-door.js'

/** One run of a node. */
export interface Target {
  readonly nodeId: string
  readonly generation: number
}

/** The name under which the broker knows a run of a node as connected. */
export const presenceOf = ({ nodeId, generation }: Target): string => `${nodeId}-${generation}`

/** The run of a node that {@link presenceOf} has named; `undefined` where it was named otherwise. */
export function targetOf(presence: string): Target | undefined {
  const place = presence.lastIndexOf('-')
  const generation = Number(presence.slice(place + 1))
  return place > 0 && Number.isSafeInteger(generation)
    ? { nodeId: presence.slice(0, place), generation }
    : undefined
}

/** What a probe says of its target; `unknown` where it says more of the prober: the own link was down, or it slept. */
export type ProbeOutcome =
  | { readonly kind: 'answered'; readonly answer: ProbeAnswer }
  | { readonly kind: 'silent'; readonly nobody: boolean }
  | { readonly kind: 'unknown' }

/** What a probe also asks, and how long it waits; `probeTimeoutMs` unless told otherwise. */
interface ProbeOptions {
  readonly about?: Target
  readonly timeoutMs?: number
}

/** Asks one generation of a node once whether it lives, and whether it suspects somebody (K32). */
export async function probe(
  env: Environment,
  from: Target,
  target: Target,
  { about, timeoutMs = env.timings.probeTimeoutMs }: ProbeOptions = {},
): Promise<ProbeOutcome> {
  const { links, clock } = env
  const subject = probeSubject(env, target)
  const question = probeMessage.encode({
    from: from.nodeId,
    generation: from.generation,
    ...(about === undefined ? {} : { about: { node: about.nodeId, generation: about.generation } }),
  })
  const asked = { target, subject, timeoutMs, atMs: clock.now() }
  return probeOutcome(env, asked, await links.control.request(subject, question, timeoutMs))
}

/** Where a generation of a node is asked whether it lives. */
export const probeSubject = ({ subjects }: Environment, { nodeId, generation }: Target): string =>
  subjects.node(nodeId, generation, 'probe')

/** What was asked of whom, how long an answer was waited for, and since when. */
interface AskedProbe {
  readonly target: Target
  readonly subject: string
  readonly timeoutMs: number
  readonly atMs: number
}

/** What a probe has found, by how its request ended. */
export function probeOutcome(
  env: Environment,
  { target, subject, timeoutMs, atMs }: AskedProbe,
  outcome: RequestOutcome,
): ProbeOutcome {
  if (outcome.kind === 'reply') {
    const answer = readPayload(env, subject, outcome, probeAnswer)
    return answer?.generation === target.generation ? { kind: 'answered', answer } : { kind: 'unknown' }
  }
  const isAsleep = env.clock.now() - atMs > 2 * timeoutMs
  if (isAsleep || outcome.kind === 'disconnected' || outcome.kind === 'overloaded') return { kind: 'unknown' }
  return { kind: 'silent', nobody: outcome.kind === 'noResponders' }
}

/** What came of asking another member to ask the target; `missing` where the helper itself said nothing in time. */
export type RelayOutcome = 'answered' | 'silent' | 'missing' | 'unknown'

interface RelayOptions {
  readonly from: Target
  readonly helper: Target
  readonly target: Target
  readonly timeoutMs: number
}

/** Asks a helper to ask a target once. */
export async function relay(
  env: Environment,
  { from, helper, target, timeoutMs }: RelayOptions,
): Promise<RelayOutcome> {
  const subject = probeSubject(env, helper)
  const question = relayMessage.encode({
    from: from.nodeId,
    generation: from.generation,
    subject: { node: target.nodeId, generation: target.generation },
  })
  const outcome = await env.links.control.request(subject, question, timeoutMs)
  if (outcome.kind === 'timeout') return 'missing'
  if (outcome.kind !== 'reply') return 'unknown'
  const answer = readPayload(env, subject, outcome, relayAnswer)
  if (answer?.generation !== helper.generation) return 'unknown'
  return answer.answered ? 'answered' : 'silent'
}
