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
}

const portMax = 65_535

/** Waits for a list of members with somebody in it; rejects as soon as it is plain that there is nobody. */
async function awaitAnybody(terminal: Terminal, session: Session): Promise<void> {
  const living$ = session.client.members$.pipe(filter((members) => members.length > 0))
  const nobody = unlessNobody({ ...session, say: (line) => terminal.say(line) })
  await Promise.race([firstValueFrom(living$), nobody])
}

async function serve(terminal: Terminal, session: Session, options: InspectOptions): Promise<void> {
  const { client, links } = session
  const { host, port, token, readOnly = false, json } = options
  await awaitAnybody(terminal, session)
  const { startInspector } = await import('@covey/inspector')
  const inspector = await startInspector({
    ...{ client, links, host, mayOperate: !readOnly },
    ...(port === undefined ? {} : { port }),
    ...(token === undefined ? {} : { token: token === true ? systemRandom.id() : token }),
  })
  const interruptions = listenForInterruptions(terminal)
  try {
    const { url, isBuilt } = inspector
    if (!isBuilt) terminal.say(pageMissing)
    terminal.print(json ? JSON.stringify({ cluster: client.cluster, url }) : url)
    terminal.say(`cluster ${client.cluster} in a browser, until Ctrl-C`)
    await aborted(interruptions.first)
  } finally {
    interruptions.stop()
    await inspector.close()
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
  )
    .option('--port <p>', 'port of the page (default: a free one)', wholeNumber(1, portMax))
    .option('--host <address>', 'address to serve it on; any other than loopback needs --token', '127.0.0.1')
    .option('--token [token]', 'what a page must know to be let in; drawn at random where none is named')
    .option('--read-only', 'offer no cancel and no leave')
    .action((options: InspectOptions) =>
      withSession(terminal, options, (session) => serve(terminal, session, options)),
    )
}
