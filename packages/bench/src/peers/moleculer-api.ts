import { loadPeer } from './load-peer.js'
import { moleculer } from './peer-package.js'

interface MoleculerBroker {
  start(): Promise<void>
  stop(): Promise<void>
  createService(schema: object): unknown
  waitForServices(names: readonly string[], deadlineMs: number): Promise<unknown>
  call(action: string, params: object): Promise<unknown>
}

interface MoleculerApi {
  readonly ServiceBroker: new (options: object) => MoleculerBroker
}

/** The service that answers, and its action. */
export const echoService = { name: 'echo', action: 'say' } as const

/** A broker of Moleculer over NATS as its users have it: JSON, and nothing measured, traced or validated. */
export async function openMoleculer(
  server: string,
  namespace: string,
  nodeID: string,
): Promise<MoleculerBroker> {
  const { ServiceBroker } = await loadPeer<MoleculerApi>(moleculer)
  return new ServiceBroker({
    ...{ namespace, nodeID, transporter: server, logger: false },
    // Who measures ends it.
    skipProcessEventRegistration: true,
  })
}
