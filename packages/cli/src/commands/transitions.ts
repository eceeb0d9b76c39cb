import type { Transition } from '@covey/protocol'
import { systemWallClock } from '@covey/transport'
import type { Client, TransitionFilter } from 'covey'
import { EMPTY, filter, interval, map, pairwise, type Subscription, timer } from 'rxjs'
import {
  type ClusterOptions,
  type CommandHost,
  type DefineCommand,
  describeClusterCommand,
} from '../command-host.js'
import { exitCodes } from '../exit-codes.js'
import { type Paint, paintOfDocument, paintOfState, unpainted } from '../paint.js'
import { withCluster } from '../session.js'
import type { Terminal } from '../terminal.js'
import { machines } from './chart.js'

interface TransitionsOptions extends ClusterOptions {
  readonly actor?: string
  readonly kind?: string
  readonly node?: string
  readonly follow?: boolean
}

/** Without `--follow`: how long the nodes have to tell their states. */
const statesMs = 10_000
/** After this long a follower that was told of nobody is told so. */
const firstMs = 2_500

/** How long a follower that has nothing to tell waits before it looks whether somebody still reads. */
const touchMs = 1_000

const placeText = ({ at }: Transition): string =>
  'shard' in at ? `${at.shard}:${at.sequence}.${at.index}` : `local:${at.local}`

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** When it was told of here: clocks of several nodes would not agree on an order. */
const timeText = (wallNowMs: number): string =>
  `${timeFormat.format(wallNowMs)}.${String(Math.floor(wallNowMs) % 1_000).padStart(3, '0')}`

/** One transition, or the state that an actor is in, on a line for a person. */
export function transitionText(transition: Transition, wallNowMs: number, paint: Paint = unpainted): string {
  const { node, generation, actor, from, event, to } = transition
  const now = paintOfState(paint, to || '∅')
  const change = event === '' ? `is ${now}` : `${from || '∅'} → ${now}  ${paint.faint(`on ${event}`)}`
  const when = paint.faint(`${timeText(wallNowMs)}  ${placeText(transition)}`)
  return `${when}  ${node}@${generation}  ${paint.strong(actor)}  ${change}`
}

function filterOf({ actor, kind, node }: TransitionsOptions): TransitionFilter {
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(kind === undefined ? {} : { kind }),
    ...(node === undefined ? {} : { node }),
  }
}

/** What is looked at, in the words of the call. */
function aboutText({ actor, kind, node, follow }: TransitionsOptions, cluster: string): string {
  const limits = [
    ...(actor === undefined ? [] : [`like ${actor}`]),
    ...(kind === undefined ? [] : [`of the machine ${kind}`]),
    ...(node === undefined ? [] : [`on ${node}`]),
  ]
  const which = ['all actors', ...limits].join(' ')
  return follow === true
    ? `cluster ${cluster}, ${which}: their states, then every transition, until Ctrl-C`
    : `cluster ${cluster}, ${which}: their states now; --follow goes on with what happens next`
}

/** Why there may be nothing to tell: a machine that this version does not know may be one of another. */
function noneText({ kind }: TransitionsOptions): string {
  const names = machines.map(({ id }) => id)
  return kind === undefined || names.includes(kind)
    ? 'no actor matches now; covey transitions without a filter shows all'
    : `no actor matches now; the machines of this version are ${names.join(', ')}`
}

/** Ends the process of a follower whose reader has gone, also when there is nothing to tell. */
function touch(terminal: Terminal, { json }: TransitionsOptions, told: () => number): Subscription {
  if (json !== true) return EMPTY.subscribe()
  const quiet$ = interval(touchMs).pipe(
    map(told),
    pairwise(),
    filter(([before, now]) => before === now),
  )
  return quiet$.subscribe(() => terminal.touch())
}

const printing = (terminal: Terminal, json = false) => {
  const paint = paintOfDocument(terminal)
  return (transition: Transition): void =>
    terminal.print(json ? JSON.stringify(transition) : transitionText(transition, systemWallClock(), paint))
}

/** Writes the states of all actors, says which nodes told none of theirs, and ends with 1 where there are any. */
export async function writeStates(
  host: CommandHost,
  client: Pick<Client, 'cluster' | 'actors'>,
  options: TransitionsOptions,
): Promise<void> {
  const { terminal } = host
  terminal.say(aboutText(options, client.cluster))
  terminal.doing('the nodes tell the states of their actors')
  const { actors, unheard } = await client.actors(filterOf(options), { deadlineMs: statesMs })
  actors.forEach(printing(terminal, options.json))
  if (unheard.length === 0 && actors.length === 0) terminal.say(noneText(options))
  for (const { node } of unheard)
    terminal.say(
      `${node} has not told the states of its actors within ${statesMs / 1_000} s: it is blocked, stopped or gone; see covey doctor`,
    )
  if (unheard.length > 0) host.exitCode = exitCodes.failed
}

/** Writes the states, then what follows, until Ctrl-C. */
async function follow(terminal: Terminal, client: Client, options: TransitionsOptions): Promise<void> {
  terminal.say(aboutText(options, client.cluster))
  const print = printing(terminal, options.json)
  let told = 0
  const touching = touch(terminal, options, () => told)
  const looked = timer(firstMs).subscribe(() => {
    if (told === 0) terminal.say(noneText(options))
  })
  try {
    await client.transitions(filterOf(options)).forEach((transition) => {
      told += 1
      print(transition)
    })
  } finally {
    looked.unsubscribe()
    touching.unsubscribe()
  }
}

/** `covey transitions`: what every actor of every node does. */
export const defineTransitions: DefineCommand = (program, host) => {
  const { terminal } = host
  describeClusterCommand(
    program.command('transitions'),
    'write the state of every actor of the cluster, and with --follow every transition after it',
    'covey transitions --actor "peer.*"',
    'covey transitions --kind leadership --follow --json',
  )
    .option('--actor <glob>', 'only actors whose address matches')
    .option('--kind <name>', 'only actors of this machine: peer, worker, workflow, ...')
    .option('--node <name>', 'only actors of this node')
    .option('--follow', 'go on with what happens next, until Ctrl-C')
    .action((options: TransitionsOptions) =>
      withCluster(terminal, options, ({ client }) =>
        options.follow === true ? follow(terminal, client, options) : writeStates(host, client, options),
      ),
    )
}
