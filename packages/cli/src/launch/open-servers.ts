import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { type Broker, findFreePorts, startBroker, systemClock, systemRandom } from '@covey/transport'
import { freeBytesOf } from '../free-space.js'
import { makeFolder } from '../make-folder.js'
import { type DataFolder, serverNames } from './data-folder.js'
import { keepPort, readKeptPort } from './kept-port.js'
import type { LaunchEvent } from './launch-options.js'
import type { OpenBroker } from './open-broker.js'
import { watchSpace } from './space-watch.js'
import { SupervisedServer } from './supervised-server.js'
import type { UndoList } from './undo-list.js'

/** Three copies of everything stand one loss. */
const lossesMax = 1
const host = '127.0.0.1'
/** For the start alone: how long they take to agree on a leader is waited for by who uses them. */
const startDeadlineMs = 20_000

const lostError = (folder: string): CoveyError =>
  new CoveyError('broker_failed', 'most servers of the broker stay down, and the cluster with them', {
    address: folder,
    mend: `start the cluster again with the same data: its jobs go on. ${join(folder, serverNames[0], 'nats-server.log')} and those beside it say why they ended`,
  })

/**
 * Starts three nats-servers that are one broker, each at the port that it had the last time if that is free, or in a row
 * from the one that is named. One that ends is started again. Rejects as `startBroker` does.
 */
export async function openServers(
  port: number | undefined,
  data: DataFolder,
  onEvent: (event: LaunchEvent) => void,
  undo: UndoList,
): Promise<OpenBroker> {
  const lost = new AbortController()
  const down = new Set<string>()
  const onDown = (name: string): void => {
    if (down.add(name).size > lossesMax) lost.abort(lostError(data.path))
  }
  const routePorts = await findFreePorts(host, serverNames.length)
  const servers = serverNames.map((name, index) => {
    const dataDir = data.server(name)
    const seat = { name, routePort: routePorts[index] ?? 0, routePorts }
    const start = async (): Promise<Broker> => {
      makeFolder(dataDir)
      const preferredPort = port === undefined ? readKeptPort(dataDir) : undefined
      const broker = await startBroker({
        ...{ dataDir, seat, startDeadlineMs, clock: systemClock },
        ...(port === undefined ? {} : { port: port + index }),
        ...(preferredPort === undefined ? {} : { preferredPort }),
      })
      keepPort(dataDir, Number(new URL(broker.url).port))
      return broker
    }
    const supervision = { clock: systemClock, random: systemRandom, start, onEvent, onDown }
    return new SupervisedServer(name, dataDir, supervision)
  })
  undo.add(() => Promise.all(servers.map((server) => server.stop())))
  undo.add(watchSpace({ folder: data.path, clock: systemClock, freeBytes: freeBytesOf, onEvent }))
  const brokers = await Promise.all(servers.map((server) => server.start()))
  const url = brokers.map((broker) => broker.url).join(',')
  onEvent({ kind: 'broker.ready', url, version: brokers[0]?.version ?? 'unknown' })
  return {
    url,
    lost: lost.signal,
    get live() {
      return servers.flatMap(({ live }) => live ?? [])
    },
    kill: (name, signal) => servers.some((server) => server.name === name && server.kill(signal)),
  }
}
