import type { Notice } from '@covey/actors'
import { limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { Logger } from 'pino'
import type { NodeTransition, TransitionListener } from './transition-feed.js'

/** What an operator wants to see of a life; the steps on the way to it are for those who look for something. */
const toldStates: Readonly<Record<string, ReadonlySet<string>>> = {
  node: new Set(['active', 'leaving', 'departed', 'failed', 'fenced', 'reentering']),
  peer: new Set(['active', 'leaving', 'departed', 'suspect', 'reentering']),
  manager: new Set(['serving', 'draining', 'stopped']),
  leadership: new Set(['leading', 'releasing', 'withdrawing', 'fenced']),
  worker: new Set(['ready', 'draining', 'stopped', 'fenced']),
  connection: new Set(['open', 'backoff']),
}
const warnStates: ReadonlySet<string> = new Set(['suspect', 'fenced', 'failed', 'backoff'])
const unheardEvents: ReadonlySet<string> = new Set(['workers.silent', 'answers.lost'])

function levelOf({ kind, actor, from, event, to }: NodeTransition): 'debug' | 'info' | 'warn' {
  // Peers are told of by their own charts; of connections an operator wants to see the links to the broker.
  if (kind === 'connection' && !actor.startsWith('link.')) return 'debug'
  // A busy worker is full and ready again many times a second.
  const isBusy = from === 'full' && to === 'ready'
  if (isBusy || !toldStates[kind]?.has(to)) return 'debug'
  // It can write, and it and its workers do not hear each other: the way between them is to be looked at (K41).
  if (unheardEvents.has(event)) return 'warn'
  // A leader that has handed over is fenced on purpose.
  return warnStates.has(to) && from !== 'releasing' ? 'warn' : 'info'
}

/** After these a manager leads a shard no more, or leads it without what was lost. */
const graveKinds: ReadonlySet<string> = new Set(['defect', 'log.damaged', 'log.foreign', 'log.restored'])
/** A notice that repeats is told once in this time, with how often it came. */
const repeatMs = 10_000

/** What a log is written to: a pino logger, or anything like it. */
export type LogSink = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>

/** The log of a node. */
export interface TransitionLog {
  /** Names the charts that it tells of at the level that the logger has when it is made. */
  readonly transition: TransitionListener
  notice(notice: Notice): void
  /** Writes what is still gathered. */
  flush(): void
}

const keyOf = ({ kind, from, event, to }: NodeTransition): string => `${kind} ${from} ${event} ${to}`

/** All texts of a notice: two alike are one cause. */
const noticeKey = (notice: Notice): string =>
  Object.values(notice)
    .filter((value) => typeof value === 'string')
    .join(' ')

/**
 * The log as a view of transitions: one line per cause. Actors that one event moves alike in one turn (all peers, when
 * the link is lost) share a line; a notice that repeats is counted. No line holds an input or a result.
 */
export function transitionLog(logger: LogSink, clock: Clock): TransitionLog {
  const turn = new Map<string, NodeTransition[]>()
  const notices = new Map<string, { sinceMs: number; times: number }>()

  const flush = (): void => {
    for (const alike of turn.values()) {
      const [first] = alike
      if (first === undefined) continue
      const { kind, from, event, to } = first
      // One actor may do the same again within the turn: it is named once, and counted each time.
      const actors = [...new Set(alike.map(({ actor }) => actor))].slice(0, limits.actorsInLogLineMax)
      const times = alike.length === 1 ? {} : { count: alike.length }
      logger[levelOf(first)](
        { kind, actors, event, ...times },
        `${kind} ${from || 'begins'} -> ${to || 'ends'}`,
      )
    }
    turn.clear()
  }

  const tell = (transition: NodeTransition): void => {
    if (!logger.isLevelEnabled(levelOf(transition))) return
    if (turn.size === 0) queueMicrotask(flush)
    const key = keyOf(transition)
    const alike = turn.get(key)
    if (alike === undefined) turn.set(key, [transition])
    else alike.push(transition)
  }
  const kinds = logger.isLevelEnabled('debug') ? undefined : new Set(Object.keys(toldStates))

  return {
    flush,
    transition: Object.assign(tell, { kinds }),
    notice(notice) {
      const key = noticeKey(notice)
      const known = notices.get(key)
      const nowMs = clock.now()
      if (known !== undefined && nowMs - known.sinceMs < repeatMs) {
        known.times += 1
        return
      }
      if (notices.size >= limits.noticesToldApartMax) notices.clear()
      notices.set(key, { sinceMs: nowMs, times: 0 })
      const { kind, ...details } = notice
      const level = graveKinds.has(kind) ? 'error' : 'warn'
      const error = 'error' in notice ? { err: notice.error } : {}
      logger[level]({ ...details, ...error, repeated: known?.times ?? 0 }, kind)
    },
  }
}
