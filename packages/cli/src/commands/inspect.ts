import { CoveyError } from '@covey/protocol'
import { systemRandom } from '@covey/transport'
import { filter, firstValueFrom } from 'rxjs'
import {
  type ClusterOptions,
  type DefineCommand,
  describeClusterCommand,
  wholeNumber,
} from '../command-host.js'
import { aborted, listenForInterruptions } from '../interruption.js'
import { pageMissing } from '../launch/inspector-text.js'
import { unlessNobody } from '../nobody-there.js'
import { type Session, withSession } from '../session.js'
import type { Terminal } from '../terminal.js'

interface InspectOptions extends ClusterOptions {
  readonly host: string
  readonly port?: number
  /** `true` where it is to be drawn. */
  readonly token?: string | true
  readonly readOnly?: boolean
  readonly stately?: boolean
  /** Whether that inspector is told contexts. */
  readonly contexts: boolean
  /** Pages that may read what Stately's inspector reads. */
  readonly origin?: string[]
}

/** What is served until Ctrl-C. */
interface Served {
  /** Where it is: the document of the command. */
  readonly at: { readonly url: string; readonly stream?: string }
  /** What it is, for a person. */
  readonly words: readonly string[]
  close(): Promise<void>
}

const portMax = 65_535
const loopback = '127.0.0.1'

/** Waits for a list of members with somebody in it; rejects as soon as it is plain that there is nobody. */
async function awaitAnybody(terminal: Terminal, session: Session): Promise<void> {
  const living$ = session.client.members$.pipe(filter((members) => members.length > 0))
  const nobody = unlessNobody({ ...session, say: (line) => terminal.say(line) })
  await Promise.race([firstValueFrom(living$), nobody])
}

async function servePage({ client, links }: Session, options: InspectOptions): Promise<Served> {
  const { host, port, token, readOnly = false } = options
  const { startInspector } = await import('@covey/inspector')
  const inspector = await startInspector({
    ...{ client, links, host, mayOperate: !readOnly },
    ...(port === undefined ? {} : { port }),
    ...(token === undefined ? {} : { token: token === true ? systemRandom.id() : token }),
  })
  const words = [`cluster ${client.cluster} in a browser, until Ctrl-C`]
  return {
    at: { url: inspector.url },
    words: inspector.isBuilt ? words : [pageMissing, ...words],
    close: () => inspector.close(),
  }
}

async function serveStately({ client, links }: Session, options: InspectOptions): Promise<Served> {
  const { port, origin = [], contexts } = options
  const { startStatelyBridge } = await import('@covey/inspector')
  const bridge = await startStatelyBridge({
    ...{ client, origins: origin },
    ...(contexts ? { links } : {}),
    ...(port === undefined ? {} : { port }),
  })
  const { url, streamUrl: stream } = bridge
  const words = [
    `cluster ${client.cluster} in the inspector of Stately, which its page loads from stately.ai, until Ctrl-C`,
    `for a program: createWebSocketReceiver({ server: '${stream}' })`,
  ]
  return { at: { url, stream }, words, close: () => bridge.close() }
}

/** Throws `invalid_options` for what the page has and the inspector of Stately has not, and the other way round. */
function refuseUnfit({ stately = false, host, token, readOnly, origin, contexts }: InspectOptions): void {
  const refuse = (what: string, mend: string): never => {
    throw new CoveyError('invalid_options', what, { mend })
  }
  if (stately && (host !== loopback || token !== undefined))
    refuse('with --stately only this machine is served', 'leave --host and --token away, or --stately')
  if (stately && readOnly)
    refuse(
      '--read-only is of the page: the inspector of Stately only reads',
      'leave --read-only away, or --stately',
    )
  if (!stately && (origin !== undefined || !contexts))
    refuse('--origin and --no-contexts are of the inspector of Stately', 'add --stately, or leave them away')
}

async function serve(terminal: Terminal, session: Session, options: InspectOptions): Promise<void> {
  await awaitAnybody(terminal, session)
  const served = await (options.stately ? serveStately(session, options) : servePage(session, options))
  const interruptions = listenForInterruptions(terminal)
  try {
    const { at, words } = served
    terminal.print(options.json ? JSON.stringify({ cluster: session.client.cluster, ...at }) : at.url)
    for (const line of words) terminal.say(line)
    await aborted(interruptions.first)
  } finally {
    interruptions.stop()
    await served.close()
  }
}

/** `covey inspect`: the cluster in a browser. */
export const defineInspect: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('inspect'),
    'serve a page that shows every actor, job and log of the cluster, until Ctrl-C',
    'covey inspect',
    'covey inspect --port 4280 --read-only',
    'covey inspect --host 0.0.0.0 --token',
    'covey inspect --stately --port 4281',
  )
    .option('--port <p>', 'port of the page (default: a free one)', wholeNumber(1, portMax))
    .option('--host <address>', 'address to serve it on; any other than loopback needs --token', loopback)
    .option('--token [token]', 'what a page must know to be let in; drawn at random where none is named')
    .option('--read-only', 'offer no cancel and no leave')
    .option('--stately', 'serve the inspector of Stately in place of the page')
    .option('--origin <url...>', 'with --stately: pages beside its own that may read the stream')
    .option('--no-contexts', 'with --stately: tell states and events only, no contexts')
    .action((options: InspectOptions) => {
      refuseUnfit(options)
      return withSession(terminal, options, (session) => serve(terminal, session, options))
    })
}
