import { describeLaunchEvent, type LaunchedCluster, launchCluster, type Terminal } from '@covey/cli'
import { workflowsFile } from './workflows.js'

const crew = { managers: 3, workers: 4, slots: 2 } as const

/** How the crew is launched. */
interface CrewOptions {
  readonly transport: 'nats' | 'memory'
  readonly inspect: boolean
  readonly servers: 1 | 3
  readonly shards: number
  /** The process of a node has ended, whatever becomes of the node. */
  readonly onExit?: (name: string) => void
}

/** Starts three managers and four workers, and says what becomes of them. */
export function launchCrew(
  { transport, inspect, servers, shards, onExit }: CrewOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<LaunchedCluster> {
  return launchCluster({
    ...crew,
    workflows: [workflowsFile],
    folder: terminal.folder,
    transport,
    inspect,
    servers,
    shards,
    signal,
    onEvent(event) {
      if (event.kind === 'node.exited') onExit?.(event.exit.name)
      const line = describeLaunchEvent(event)
      if (line !== undefined) terminal.say(line)
    },
  })
}
