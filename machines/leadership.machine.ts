import { assign, setup } from 'xstate'
import { mayLeadAgain, silencePatienceMs } from './rules/worker-silence.js'

/** Durations that the cluster agreed on, and this candidate's own drawn stagger. */
export interface LeadershipInput {
  readonly shard: number
  /** Silence of the log after which this candidate claims. */
  readonly leaderTimeoutMs: number
  /** What a hint that the leader is gone shortens the silence to (K44). */
  readonly leaderHintMs: number
  /** Drawn once per process, so that candidates do not all claim at the same moment. */
  readonly staggerMs: number
  /** What each manager that ranks before this one for the shard adds to its windows (K50). */
  readonly rankStepMs: number
  /** A leader whose newest acknowledged append was sent longer ago than this may not act (K6). */
  readonly actsForMs: number
}

/** What leadership of one shard keeps beside its state. */
export interface LeadershipContext extends LeadershipInput {
  /** The window of silence that runs now. */
  windowMs: number
  attempt: number
  /** How many managers rank before this one for the shard, as far as that counts. */
  rank: number
  /**
   * Terms in a row that it gave up because it and its workers did not hear each other; while there are any, no hint lets it
   * claim sooner (K41).
   */
  silentTerms: number
  /** Terms that it gave up because no worker heard it, since one last did: the more there are, the longer it rests (K41). */
  unheardTerms: number
}

/** Everything that can happen to leadership of one shard. */
export type LeadershipEvent =
  /** Everything that was in the log at the start is folded; `vacant` when that says that nobody leads. */
  | { readonly type: 'log.caughtUp'; readonly vacant: boolean }
  /** Somebody has appended: the leader lives. */
  | { readonly type: 'log.seen' }
  /** The leader is gone, or nobody listens where it should: a hint, it only shortens the window. */
  | { readonly type: 'leader.gone' }
  /** The leader of whom the broker knew nothing any more is there again. */
  | { readonly type: 'leader.heard' }
  /** The log says that its leader has handed the shard over: who ranks first need not wait for anything. */
  | { readonly type: 'leader.released' }
  | { readonly type: 'rank.changed'; readonly rank: number }
  | { readonly type: 'claim.won'; readonly sequence: number }
  | { readonly type: 'claim.refused' }
  | { readonly type: 'append.acknowledged'; readonly remainingMs: number }
  /** The server refused an append: a newer epoch owns the log. */
  | { readonly type: 'log.deposed' }
  /** Somebody has seen the log go further than it goes: it has lost entries, and is to be claimed anew (K11). */
  | { readonly type: 'log.restored' }
  /** None of the workers has renewed for longer than the term waits for them (K41). */
  | { readonly type: 'workers.silent' }
  /** Workers renew, and for as long none has had an answer: what this leader says does not arrive (K41). */
  | { readonly type: 'answers.lost' }
  /** A worker has had an answer of this term: the way is open, there and back. */
  | { readonly type: 'workers.heard' }
  /** A worker's renewal has arrived that is for whoever leads; the last term here ended so long ago. */
  | { readonly type: 'workers.overheard'; readonly restedMs: number }
  | { readonly type: 'leadership.release' }
  /** The manager leaves: it is to lead the shard no more. */
  | { readonly type: 'leadership.withdraw' }
  | { readonly type: 'release.done' }

const turnMs = ({ staggerMs, rankStepMs, rank }: LeadershipContext): number => staggerMs + rank * rankStepMs
const fullMs = (context: LeadershipContext): number => context.leaderTimeoutMs + turnMs(context)
/** A hint shortens no window of one whose last term was silent: others are to be quicker. */
const shortMs = (context: LeadershipContext): number =>
  context.silentTerms > 0 ? fullMs(context) : context.leaderHintMs + turnMs(context)

/**
 * Leadership of one shard by one manager. A lease of liveness only: what makes two leaders harmless is the fence of the
 * log (K1), not this clock.
 */
export const leadershipMachine = setup({
  types: {
    context: {} as LeadershipContext,
    events: {} as LeadershipEvent,
    input: {} as LeadershipInput,
  },
  actions: {
    'log.claim': (_, _params: { shard: number; attempt: number }) => {},
    'term.begin': (_, _params: { shard: number; sequence: number; patienceMs: number }) => {},
    'term.release': (_, _params: { shard: number }) => {},
    'term.end': (_, _params: { shard: number }) => {},
    'manager.tell': (_, _params: { shard: number }) => {},
    fullWindow: assign(({ context }) => ({ windowMs: fullMs(context) })),
    shortWindow: assign(({ context }) => ({ windowMs: shortMs(context) })),
    keepRank: assign(({ event }) => (event.type === 'rank.changed' ? { rank: event.rank } : {})),
    firstWindow: assign(({ context, event }) => ({
      windowMs: event.type === 'log.caughtUp' && event.vacant ? shortMs(context) : fullMs(context),
    })),
    noteSilence: assign(({ context }) => ({ silentTerms: context.silentTerms + 1 })),
    noteLostAnswers: assign(({ context }) => ({ unheardTerms: context.unheardTerms + 1 })),
    noteHeard: assign(() => ({ silentTerms: 0, unheardTerms: 0 })),
    noteOverheard: assign(() => ({ silentTerms: 0 })),
    nextAttempt: assign(({ context }) => ({ attempt: context.attempt + 1 })),
    keepActing: assign(({ event }) =>
      event.type === 'append.acknowledged' ? { windowMs: event.remainingMs } : {},
    ),
    startActing: assign(({ context }) => ({ windowMs: context.actsForMs })),
  },
  guards: {
    isFirst: ({ context }) => context.rank === 0 && context.silentTerms === 0,
    mayLeadAgain: ({ context, event }) =>
      event.type === 'workers.overheard' && mayLeadAgain(context.unheardTerms, event.restedMs),
  },
  delays: {
    silenceMs: ({ context }) => context.windowMs,
    claimTimeoutMs: ({ context }) => context.leaderTimeoutMs,
    actsForMs: ({ context }) => context.windowMs,
    releaseTimeoutMs: ({ context }) => context.leaderTimeoutMs,
    settleMs: ({ context }) => context.leaderHintMs,
  },
}).createMachine({
  id: 'leadership',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    windowMs: input.leaderTimeoutMs + input.staggerMs,
    attempt: 0,
    rank: 0,
    silentTerms: 0,
    unheardTerms: 0,
    ...input,
  }),
  initial: 'following',
  on: {
    'rank.changed': { actions: 'keepRank' },
    'workers.heard': { actions: 'noteHeard' },
    'workers.overheard': { guard: 'mayLeadAgain', actions: 'noteOverheard' },
  },
  states: {
    following: {
      description: 'Folds the log of whoever leads, and measures its silence by the own clock.',
      on: {
        'log.caughtUp': { target: 'following', reenter: true, actions: 'firstWindow' },
        'log.seen': { target: 'following', reenter: true, actions: 'fullWindow' },
        'leader.gone': { target: 'following', reenter: true, actions: 'shortWindow' },
        'leader.heard': { target: 'following', reenter: true, actions: 'fullWindow' },
        'leader.released': [
          { guard: 'isFirst', target: 'claiming', actions: 'nextAttempt' },
          { target: 'following', reenter: true, actions: 'shortWindow' },
        ],
        'leadership.withdraw': { target: 'withdrawn' },
      },
      after: { silenceMs: { target: 'claiming', actions: 'nextAttempt' } },
    },
    claiming: {
      description: 'Has asked the log for the next epoch, fenced at the tail it has folded (K1).',
      entry: {
        type: 'log.claim',
        params: ({ context }) => ({ shard: context.shard, attempt: context.attempt }),
      },
      on: {
        'claim.won': {
          target: 'leading',
          actions: [
            'startActing',
            {
              type: 'term.begin',
              params: ({ context: { shard, leaderTimeoutMs, silentTerms }, event: { sequence } }) => ({
                ...{ shard, sequence },
                patienceMs: silencePatienceMs(leaderTimeoutMs, silentTerms),
              }),
            },
          ],
        },
        'claim.refused': { target: 'following', actions: 'fullWindow' },
        'leadership.withdraw': { target: 'withdrawn' },
      },
      after: { claimTimeoutMs: { target: 'following', actions: 'fullWindow' } },
    },
    leading: {
      description: 'Decides for the shard; acts only while its newest acknowledged append is young (K6).',
      on: {
        'append.acknowledged': { target: 'leading', reenter: true, actions: 'keepActing' },
        'log.deposed': { target: 'fenced' },
        'log.restored': {
          target: 'following',
          actions: ['shortWindow', { type: 'term.end', params: ({ context }) => ({ shard: context.shard }) }],
        },
        'workers.silent': {
          target: 'releasing',
          actions: [
            'noteSilence',
            { type: 'term.release', params: ({ context }) => ({ shard: context.shard }) },
          ],
        },
        'answers.lost': {
          target: 'releasing',
          actions: [
            'noteSilence',
            'noteLostAnswers',
            { type: 'term.release', params: ({ context }) => ({ shard: context.shard }) },
          ],
        },
        'leadership.release': {
          target: 'releasing',
          actions: { type: 'term.release', params: ({ context }) => ({ shard: context.shard }) },
        },
        'leadership.withdraw': {
          target: 'withdrawing',
          actions: { type: 'term.release', params: ({ context }) => ({ shard: context.shard }) },
        },
      },
      after: { actsForMs: { target: 'fenced' } },
    },
    releasing: {
      description: 'Hands the shard over: its last append says so.',
      on: {
        'release.done': { target: 'fenced' },
        'log.deposed': { target: 'fenced' },
        'leadership.withdraw': { target: 'withdrawing' },
      },
      after: { releaseTimeoutMs: { target: 'fenced' } },
    },
    fenced: {
      description: 'May no longer act for the shard; returns to following.',
      entry: { type: 'term.end', params: ({ context }) => ({ shard: context.shard }) },
      on: { 'leadership.withdraw': { target: 'withdrawn' } },
      after: { settleMs: { target: 'following', actions: 'fullWindow' } },
    },
    withdrawing: {
      description: 'Hands the shard over, and will not lead it again.',
      exit: { type: 'term.end', params: ({ context }) => ({ shard: context.shard }) },
      on: {
        'release.done': { target: 'withdrawn' },
        'log.deposed': { target: 'withdrawn' },
      },
      after: { releaseTimeoutMs: { target: 'withdrawn' } },
    },
    withdrawn: {
      description: 'Leads the shard no more and claims it no more: the manager leaves.',
      meta: { rests: 'the end of the manager' },
      entry: { type: 'manager.tell', params: ({ context }) => ({ shard: context.shard }) },
    },
  },
})
