import { describeLaunchEvent, type LaunchedCluster, launchCluster, type Terminal } from '@covey/cli'
import { workflowsFile } from './workflows.js'

const crew = { managers: 3, workers: 4, slots: 2 } as const

/** How the crew is launched. */
interface CrewOptions {
  readonly transport: 'nats' | 'memory'
  readonly inspect: boolean
  readonly servers: 1 | 3
}

/** Starts three managers and four workers, and says what becomes of them. */
export function launchCrew(
  { transport, inspect, servers }: CrewOptions,
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
    signal,
    onEvent(event) {
      const line = describeLaunchEvent(event)
      if (line !== undefined) terminal.say(line)
    },
  })
}
