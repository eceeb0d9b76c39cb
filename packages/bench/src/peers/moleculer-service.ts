import type { ChildOrder, Close } from '../process/child-role.js'
import { echoService, openMoleculer } from './moleculer-api.js'

/** A service of Moleculer that answers what it is called with. */
export async function startMoleculerService({ server, cluster, name }: ChildOrder): Promise<Close> {
  const broker = await openMoleculer(server, cluster, name)
  const say = ({ params }: { readonly params: unknown }): unknown => params
  broker.createService({ name: echoService.name, actions: { [echoService.action]: say } })
  await broker.start()
  return () => broker.stop()
}
