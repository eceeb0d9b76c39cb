import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describeMachine } from '@covey/engine'
import * as machines from '@covey/machines'
import { CoveyError, createSubjects } from '@covey/protocol'
import { type Clock, type Links, systemClock, systemWallClock } from '@covey/transport'
import type { Client } from 'covey'
import type { RawData } from 'ws'
import { ClusterAnswers } from './cluster-answers.js'
import { ClusterWatch, reportOf } from './cluster-watch.js'
import { type InspectorLimits, inspectorLimits } from './inspector-limits.js'
import { NodeAnswers } from './node-answers.js'
import { PageHub } from './page-hub.js'
import { pageQuestionSchema } from './page-questions.js'
import { startPageServer } from './page-server.js'
import type { PageSocket } from './page-socket.js'

/** What an inspector shows, and to whom. */
export interface InspectorOptions {
  readonly client: Client
  /** Links of a process that is no node. They are left open. */
  readonly links: Links
  /** The address to listen on. Default `127.0.0.1`; any other than loopback needs a token. */
  readonly host?: string
  /** Default: a free one. */
  readonly port?: number
  /** What a page must show to be let in; at least 16 characters. */
  readonly token?: string
  /** Whether pages may cancel jobs and tell nodes to leave. Default true. */
  readonly mayOperate?: boolean
  /** Default: the machine's own. */
  readonly clock?: Clock
  readonly wallNow?: () => number
  /** Where the built page is. Default: within this package. */
  readonly folder?: string
  readonly limits?: Partial<InspectorLimits>
}

/** An inspector that is served. */
export interface Inspector {
  /** Where it is reached, the token included where there is one. */
  readonly url: string
  /** Whether there is a page to be served: it is made by the build. */
  readonly isBuilt: boolean
  /** Pages that are open. */
  readonly pages: number
  /** Ends all pages and leaves nothing behind; the links stay open. */
  close(): Promise<void>
}

/** The charts of all machines, in the order of their names. */
const chartsOfAll = () =>
  Object.values(machines)
    .flatMap((machine) =>
      typeof machine === 'object' && 'states' in machine ? [describeMachine(machine)] : [],
    )
    .sort((one, other) => one.id.localeCompare(other.id))

const manifestPath = (): string => createRequire(import.meta.url).resolve('#package')

function versionOfThis(): string {
  const manifest = readFileSync(manifestPath(), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}

function urlOf(host: string, port: number, token: string | undefined): string {
  // What is bound to all addresses is reached from here by loopback.
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const name = shown.includes(':') ? `[${shown}]` : shown
  return `http://${name}:${port}/${token === undefined ? '' : `#token=${token}`}`
}

/**
 * Serves the inspector of a cluster: a page, and the stream that it lives on. Nothing is asked of any node until a page
 * is open. Rejects `invalid_options` where it cannot listen, or would let in everybody.
 */
export async function startInspector(options: InspectorOptions): Promise<Inspector> {
  const { client, links, host = '127.0.0.1', port = 0, token, mayOperate = true } = options
  const { clock = systemClock, wallNow = systemWallClock } = options
  const limits: InspectorLimits = { ...inspectorLimits, ...options.limits }
  const cluster = { client, links, clock, wallNow }
  const subjects = createSubjects(client.cluster)
  const nodes = new NodeAnswers(links.data, subjects, limits.answerDeadlineMs)
  const watch = new ClusterWatch(cluster, nodes, limits)
  const answers = new ClusterAnswers({ ...cluster, watch, nodes, subjects, limits, mayOperate })
  const hello = { type: 'hello', cluster: client.cluster, version: versionOfThis(), mayOperate } as const
  const hub = new PageHub({ watch, hello, charts: chartsOfAll(), clock, limits })
  const server = await startPageServer({
    host,
    port,
    ...(token === undefined ? {} : { token }),
    folder: options.folder ?? join(dirname(manifestPath()), 'dist/page'),
    limits,
    pages: () => hub.size,
    onPage(socket) {
      const page = hub.join(socket)
      socket.on('message', (data) => void take(page, answers, limits, data))
      // What is wrong with a frame is told by the code that the socket is closed with.
      socket.on('error', () => socket.terminate())
      socket.on('close', () => hub.leave(page))
    },
  })
  return {
    url: urlOf(host, server.port, token),
    isBuilt: server.isBuilt,
    get pages() {
      return hub.size
    },
    async close() {
      hub.close()
      answers.close()
      await server.close()
    },
  }
}

function parse(data: RawData) {
  try {
    return pageQuestionSchema.safeParse(JSON.parse(String(data)))
  } catch {
    return { success: false } as const
  }
}

/** A page that speaks in another way than ours is not our page. */
const badFrame = [1008, 'not a question of the inspector'] as const

async function take(
  page: PageSocket,
  answers: ClusterAnswers,
  limits: InspectorLimits,
  data: RawData,
): Promise<void> {
  const parsed = parse(data)
  if (!parsed.success) {
    page.refuse(...badFrame)
    return
  }
  const question = parsed.data
  const { id } = question
  if (page.questions >= limits.questionsInFlightMax) {
    const error = reportOf(new CoveyError('overloaded', `${page.questions} questions are without an answer`))
    page.tell({ type: 'refusal', id, error })
    return
  }
  page.questions += 1
  try {
    page.tell({ type: 'answer', id, answer: await answers.answer(question) })
  } catch (error) {
    page.tell({ type: 'refusal', id, error: reportOf(error) })
  } finally {
    page.questions -= 1
  }
}
