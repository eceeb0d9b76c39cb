import { createConnection, type Socket } from 'node:net'
import {
  type ConnectionOptions,
  connect,
  hasWsProtocol,
  type NatsConnection,
  NatsConnectionImpl,
  setTransportFactory,
} from 'nats'
import { NodeTransport, nodeResolveHost } from 'nats/lib/node_transport.js'
import { systemBackgroundClock } from '../clock.js'
import { certifiedHost } from './certified-host.js'

/**
 * Options of the client, and how long a redial waits for somebody to take the call: what follows has `timeout`, and so has
 * all of a first dial, which nothing comes after.
 */
export interface PromptOptions extends ConnectionOptions {
  readonly redialReachMs: number
  /** Hears why a link over TLS broke: where it was refused after it seemed agreed on, the client says only that a first dial took too long. */
  readonly onBroken?: (error: Error) => void
  /** Hears why a dial ended before the server was asked for anything: of redials the client says nothing. */
  readonly onFailed?: (error: unknown) => void
}

/** Of connections that have reached a server. The client keeps the options of each as one object. */
const reached = new WeakSet<ConnectionOptions>()

/**
 * The transport of the client, which dials no longer than it must. Where a network swallows packets a dial of the stock
 * one hangs for all of `timeout`, and its socket for two minutes; who accepts it and says nothing keeps it for ever.
 */
class PromptTransport extends NodeTransport {
  override dial({ hostname: host, port }: { hostname: string; port: number }): Promise<Socket> {
    const { options } = this
    const { redialReachMs = 0 } = options as Partial<PromptOptions>
    this.options = certifiedHost(options, host)
    const socket = createConnection({ host, port, noDelay: true })
    // So that whoever gives this dial up finds it.
    this.socket = socket
    return new Promise((resolve, reject) => {
      let cause: Error | undefined
      socket.once('error', (error) => {
        cause = error
      })
      socket.once('close', () => reject(cause))
      const giveUp = (): void => {
        if (socket.connecting) socket.destroy(new Error(`nobody answers at ${host}:${port}`))
      }
      // An event loop that was late finds the answer only after its timers.
      const giveUpSoon = (): unknown => systemBackgroundClock.setTimeout(giveUp, 0)
      socket.setTimeout(reached.has(options) ? redialReachMs : 0, giveUpSoon)
      socket.once('connect', () => {
        reached.add(options)
        socket.setTimeout(0)
        socket.removeAllListeners()
        resolve(socket)
      })
    })
  }

  override async connect(...given: Parameters<NodeTransport['connect']>): Promise<void> {
    const { onBroken, onFailed } = given[1] as Partial<PromptOptions>
    try {
      await super.connect(...given)
    } catch (error) {
      onFailed?.(error)
      throw error
    }
    if (onBroken && this.isEncrypted()) this.socket?.once('error', onBroken)
  }

  override close(error?: Error): Promise<void> {
    if (!this.connected) this.discard()
    return super.close(error)
  }
}

/**
 * Connects as the client's own `connect` does, over {@link PromptTransport}. The client knows one kind of transport at a
 * time: where the application connects by itself, later dials of this connection are those of the stock one.
 */
export function promptConnect(options: PromptOptions): Promise<NatsConnection> {
  // It says what is wrong with that.
  if (hasWsProtocol(options)) return connect(options)
  setTransportFactory({ factory: () => new PromptTransport(), dnsResolveFn: nodeResolveHost })
  return NatsConnectionImpl.connect(options)
}
