import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands before a server and hands on all that is said, but what `swallows` wants lost of what goes to the server. */
export async function startRelay(target: string, swallows: (said: string) => boolean) {
  const sockets = new Set<Socket>()
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const { hostname, port: targetPort } = new URL(target)
  const relay = createServer((near) => {
    const far = connect(Number(targetPort), hostname)
    keep(near, far)
    keep(far, near)
    near.on('data', (chunk) => {
      if (!swallows(chunk.toString())) far.write(chunk)
    })
    far.pipe(near)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  return {
    url: `nats://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      relay.close()
      await once(relay, 'close')
    },
  }
}
