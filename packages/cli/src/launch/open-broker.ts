import { join } from 'node:path'
import { CoveyError, singleServerTimings } from '@covey/protocol'
import { startBroker, systemClock } from '@covey/transport'
import { freeBytesOf } from '../free-space.js'
import type { DataFolder } from './data-folder.js'
import { keepPort, readKeptPort } from './kept-port.js'
import type { LaunchEvent } from './launch-options.js'
import { watchSpace } from './space-watch.js'
import type { UndoList } from './undo-list.js'

/** A broker that answers. */
export interface OpenBroker {
  readonly url: string
  /** Aborts with `broker_failed` if the broker ends before it is told to. */
  readonly lost: AbortSignal
}

const startDeadlineMs = singleServerTimings.readyDeadlineMs

const lostError = (dataDir: string): CoveyError =>
  new CoveyError('broker_failed', 'the broker has ended, and the cluster with it', {
    address: dataDir,
    mend: `start the cluster again with the same data: its jobs go on. If the broker ends again, ${join(dataDir, 'nats-server.log')} says why`,
  })

const portOf = (url: string): number => Number(new URL(url).port)

/** Starts the broker of a data folder, at the port that is named, else at the one it had the last time if that is free. */
export async function openBroker(
  port: number | undefined,
  data: DataFolder,
  onEvent: (event: LaunchEvent) => void,
  undo: UndoList,
): Promise<OpenBroker> {
  const lost = new AbortController()
  const preferredPort = port === undefined ? readKeptPort(data.path) : undefined
  const broker = await startBroker({
    ...{ dataDir: data.broker, startDeadlineMs, clock: systemClock },
    ...(port === undefined ? {} : { port }),
    ...(preferredPort === undefined ? {} : { preferredPort }),
  })
  undo.add(() => broker.stop())
  undo.add(watchSpace({ folder: data.broker, clock: systemClock, freeBytes: freeBytesOf, onEvent }))
  broker.onExit(({ lastWords }) => {
    const error = lostError(broker.dataDir)
    onEvent({ kind: 'broker.exited', lastWords, error })
    lost.abort(error)
  })
  const { url, version } = broker
  onEvent({ kind: 'broker.ready', url, version })
  if (preferredPort !== undefined && preferredPort !== portOf(url)) {
    onEvent({ kind: 'port.taken', port: preferredPort, url })
  }
  keepPort(data.path, portOf(url))
  return { url, lost: lost.signal }
}
