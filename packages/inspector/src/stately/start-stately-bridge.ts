import type { Clock, Links } from '@covey/transport'
import type { Client, TransitionFilter } from 'covey'
import { startBridgeServer } from './bridge-server.js'
import { StatelyHub } from './stately-hub.js'
import type { StatelyLimits } from './stately-limits.js'

/** What Stately's inspector is shown, and how it is reached. */
export interface StatelyBridgeOptions {
  readonly client: Client
  /** Where nodes are asked for the contexts of their actors. Default: they are not, and no context is shown. */
  readonly links?: Pick<Links, 'data'>
  /** The port on loopback. Default: a free one. */
  readonly port?: number
  /** Which actors are shown. Default: all. */
  readonly filter?: TransitionFilter
  /** The inspector that the page of the bridge shows. Default: the one that Stately hosts. */
  readonly inspectorUrl?: string
  /** Origins of other pages that may read the stream: `http://localhost:5173`. */
  readonly origins?: readonly string[]
  /** Default: the machine's own. */
  readonly clock?: Clock
  readonly wallNow?: () => number
  readonly limits?: Partial<StatelyLimits>
}

/** A bridge that listens. */
export interface StatelyBridge {
  /** The page that shows Stately's inspector. */
  readonly url: string
  /** The stream for `createWebSocketReceiver`. */
  readonly streamUrl: string
  /** Inspectors that are connected. */
  readonly inspectors: number
  /** Ends all connections and leaves nothing behind; the client stays open. */
  close(): Promise<void>
}

/**
 * Serves the transitions of a cluster on loopback in the frames of `@statelyai/inspect` 0.7.2. Nothing is asked of any
 * node until an inspector is connected. Rejects `invalid_options` where it cannot listen, or an origin is none.
 */
export async function startStatelyBridge(options: StatelyBridgeOptions): Promise<StatelyBridge> {
  const hub = new StatelyHub(options)
  const { port = 0, inspectorUrl = 'https://stately.ai/inspect', origins = [] } = options
  const server = await startBridgeServer({
    ...{ port, inspectorUrl, origins, limits: hub.limits },
    inspectors: () => hub.size,
    onInspector: (socket) => hub.join(socket),
  })
  return {
    url: `http://127.0.0.1:${server.port}/`,
    streamUrl: `ws://127.0.0.1:${server.port}/live`,
    get inspectors() {
      return hub.size
    },
    async close() {
      hub.close()
      await server.close()
    },
  }
}
