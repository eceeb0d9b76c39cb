import { delay, systemClock } from '@covey/transport'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { paintOfDocument } from '../paint.js'
import { type Session, withCluster } from '../session.js'
import type { Terminal } from '../terminal.js'
import { Sampler } from '../top/cluster-sample.js'
import { openLiveScreen } from '../top/live-screen.js'
import { topText } from '../top/top-text.js'

const intervalMs = 1_000

/** Shows the cluster once a second, until it is over. */
async function watch(terminal: Terminal, session: Session, json: boolean, over: AbortSignal): Promise<void> {
  const sampler = new Sampler(session, systemClock)
  const paint = paintOfDocument(terminal)
  const screen = json ? undefined : openLiveScreen(terminal)
  over.addEventListener('abort', () => screen?.close(), { once: true })
  while (!over.aborted) {
    const dueAtMs = systemClock.now() + intervalMs
    const sample = await sampler.next()
    if (over.aborted) return
    if (screen === undefined) terminal.print(JSON.stringify(sample))
    else screen.show(topText(sample, paint))
    await delay(systemClock, Math.max(0, dueAtMs - systemClock.now()))
  }
}

/** `covey top`: the cluster live, for as long as somebody looks. */
export const defineTop: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('top'),
    'show nodes, slots, throughput and backlog live, once a second, until Ctrl-C',
    'covey top',
    'covey top --json | jq --unbuffered .jobsPerSecond',
  ).action(async ({ json = false, ...options }: ClusterOptions) => {
    const over = new AbortController()
    try {
      await withCluster(terminal, options, (session) => watch(terminal, session, json, over.signal))
    } finally {
      over.abort()
    }
  })
}
