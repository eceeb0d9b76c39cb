import type { Environment, ManagerPart, NodePart } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { createWatchPart, TransitionFeed } from 'covey/assembly'

/**
 * Lets clients watch the jobs that a simulated node leads, by the production part. Its own actors are left out: the world looks
 * at them by the only tap that they have.
 */
export function watchPart(env: Environment, manager?: ManagerPart): NodePart {
  const nobody = createActorSystem({ node: 'nobody', clock: env.clock })
  const feed = new TransitionFeed(nobody, manager?.folded)
  return createWatchPart(env, { feed, leads: () => manager?.leads() ?? [] })
}
