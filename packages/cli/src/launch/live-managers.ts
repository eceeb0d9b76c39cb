import type { Client } from 'covey'
import type { LiveManager } from './tell-exit.js'

/** Who can be told of an exit, kept up to date. */
export interface LiveManagers {
  current(): readonly LiveManager[]
  stop(): void
}

/** Follows the members of a cluster, by the facts alone: it needs no leader, who may be the one that has exited. */
export function followManagers(client: Client): LiveManagers {
  let managers: readonly LiveManager[] = []
  const subscription = client.members$.subscribe((members) => {
    managers = members
      .filter(({ state, roles }) => state === 'active' && roles.includes('manager'))
      .map(({ nodeId, generation }) => ({ name: nodeId, generation }))
  })
  return { current: () => managers, stop: () => subscription.unsubscribe() }
}
