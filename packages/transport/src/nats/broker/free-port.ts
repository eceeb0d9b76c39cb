import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Says whether a program could listen there at this moment. */
export const isPortFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })

/** Ports that nobody listens on at this moment, all different: for who must know them before anybody listens there. */
export async function findFreePorts(host: string, count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () =>
    createServer().listen({ host, port: 0, exclusive: true }),
  )
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
