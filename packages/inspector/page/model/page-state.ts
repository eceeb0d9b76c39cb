import type { MachineDescription } from '@covey/engine'
import type { ErrorReport } from '@covey/protocol'
import type { ClusterStatus } from 'covey'
import type { ActorRow, NodeCounters, ServerNews } from '../../src/page-protocol.js'
import { addTransitions, emptyTimeline, type Timeline } from './timeline.js'

/** All that the page knows of the cluster. It is only replaced, never changed. */
export interface PageState {
  readonly cluster: string
  readonly version: string
  /** False where the server lets nobody cancel, or let a node leave: the page then shows no buttons for it. */
  readonly mayOperate: boolean
  readonly charts: ReadonlyMap<string, MachineDescription>
  readonly status: ClusterStatus | null
  /** Why there is no status, as the server says it. */
  readonly error: ErrorReport | null
  readonly actors: ReadonlyMap<string, ActorRow>
  /** Keys of `actors` in the order of the tree; the same array as long as none came or went. */
  readonly actorKeys: readonly string[]
  readonly timeline: Timeline
  readonly counters: readonly NodeCounters[]
}

/** What a page knows before the server has said anything. */
export const emptyPage: PageState = {
  cluster: '',
  version: '',
  mayOperate: false,
  charts: new Map(),
  status: null,
  error: null,
  actors: new Map(),
  actorKeys: [],
  timeline: emptyTimeline,
  counters: [],
}

type ActorNews = Extract<ServerNews, { type: 'actors' }>

const collator = new Intl.Collator('en', { numeric: true })

const compareRows = (one: ActorRow, other: ActorRow): number =>
  collator.compare(one.key.split('/', 1)[0] ?? '', other.key.split('/', 1)[0] ?? '') ||
  one.generation - other.generation ||
  collator.compare(one.kind, other.kind) ||
  collator.compare(one.actor, other.actor)

const sortedKeys = (actors: ReadonlyMap<string, ActorRow>): readonly string[] =>
  [...actors.values()].sort(compareRows).map(({ key }) => key)

function applyActors(state: PageState, { full, changed, gone }: ActorNews): PageState {
  const actors = new Map(full ? [] : state.actors)
  const before = actors.size
  for (const row of changed) actors.set(row.key, row)
  const came = actors.size !== before
  const went = gone.filter((key) => actors.delete(key)).length > 0
  return {
    ...state,
    actors,
    actorKeys: full || came || went ? sortedKeys(actors) : state.actorKeys,
  }
}

/** A line is open, perhaps to a server that counts from the beginning: what stands on the timeline is of another time. */
const greet = (
  state: PageState,
  { cluster, version, mayOperate }: Extract<ServerNews, { type: 'hello' }>,
): PageState => ({
  ...state,
  cluster,
  version,
  mayOperate,
  timeline: emptyTimeline,
})

/** The state after one piece of news. */
export function applyNews(state: PageState, news: ServerNews): PageState {
  switch (news.type) {
    case 'hello':
      return greet(state, news)
    case 'charts':
      return { ...state, charts: new Map(news.charts.map((chart) => [chart.id, chart])) }
    case 'cluster':
      // The last status stays on the page where the next one could not be had: the error says that it is old.
      return { ...state, status: news.status ?? state.status, error: news.error }
    case 'actors':
      return applyActors(state, news)
    case 'transitions':
      return { ...state, timeline: addTransitions(state.timeline, news.shown, news.seen) }
    case 'counters':
      return { ...state, counters: news.nodes }
  }
}
