import { join } from 'node:path'
import { CoveyError, singleServerTimings } from '@covey/protocol'
import { type Broker, startBroker, systemClock, systemRandom } from '@covey/transport'
import { freeBytesOf } from '../free-space.js'
import { type DataFolder, onlyServerName } from './data-folder.js'
import { keepPort, readKeptPort } from './kept-port.js'
import type { LaunchEvent, LaunchedServer } from './launch-options.js'
import { watchSpace } from './space-watch.js'
import { SupervisedServer } from './supervised-server.js'
import type { UndoList } from './undo-list.js'

/** A broker that answers: one server or several, each supervised. */
export interface OpenBroker {
  readonly url: string
  /** Aborts with `broker_failed` where so many servers stay down that the cluster cannot go on. */
  readonly lost: AbortSignal
  /** The servers that live now. */
  readonly live: readonly LaunchedServer[]
  /** Sends a signal to one of them; false where no such server lives. */
  kill(name: string, signal: NodeJS.Signals): boolean
}

const startDeadlineMs = singleServerTimings.readyDeadlineMs

const lostError = (dataDir: string): CoveyError =>
  new CoveyError('broker_failed', 'the broker stays down, and the cluster with it', {
    address: dataDir,
    mend: `start the cluster again with the same data: its jobs go on. If the broker ends again, ${join(dataDir, 'nats-server.log')} says why`,
  })

const portOf = ({ url }: Broker): number => Number(new URL(url).port)

/**
 * Starts the broker of a data folder, at the port that is named, else at the one it had the last time if that is free. One
 * that ends is started again on its store, at its port: nodes know no other. Rejects as `startBroker` does.
 */
export async function openBroker(
  port: number | undefined,
  data: DataFolder,
  onEvent: (event: LaunchEvent) => void,
  undo: UndoList,
): Promise<OpenBroker> {
  const lost = new AbortController()
  const preferredPort = port === undefined ? readKeptPort(data.path) : undefined
  let knownPort = port
  const start = async (): Promise<Broker> => {
    const broker = await startBroker({
      ...{ dataDir: data.broker, startDeadlineMs, clock: systemClock },
      ...(knownPort === undefined ? {} : { port: knownPort }),
      ...(preferredPort === undefined ? {} : { preferredPort }),
    })
    knownPort = portOf(broker)
    return broker
  }
  const server = new SupervisedServer(onlyServerName, data.broker, {
    ...{ clock: systemClock, random: systemRandom, start, onEvent },
    onDown: () => lost.abort(lostError(data.broker)),
  })
  undo.add(() => server.stop())
  undo.add(watchSpace({ folder: data.broker, clock: systemClock, freeBytes: freeBytesOf, onEvent }))
  const broker = await server.start()
  const { url, version } = broker
  onEvent({ kind: 'broker.ready', url, version })
  if (preferredPort !== undefined && preferredPort !== portOf(broker)) {
    onEvent({ kind: 'port.taken', port: preferredPort, url })
  }
  keepPort(data.path, portOf(broker))
  return {
    url,
    lost: lost.signal,
    get live() {
      return server.live === undefined ? [] : [server.live]
    },
    kill: (name, signal) => server.name === name && server.kill(signal),
  }
}
