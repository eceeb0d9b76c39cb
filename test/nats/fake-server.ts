import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What the fake says of itself, and what it answers to lines of the protocol. */
export interface FakeServer {
  readonly version: string
  readonly jetstream: boolean
  /** The line to answer to one whose first word is a key; PING is answered in any case. */
  readonly answers?: Readonly<Record<string, string>>
}

/** A server that speaks just enough of the protocol to be one that is not at hand: an old one, or one that refuses. */
export async function startFakeServer({ version, jetstream, answers = {} }: FakeServer) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client that goes away in the middle of a line is not what is tested.
    socket.on('error', () => socket.destroy())
    const info = { server_id: 'fake', version, jetstream, headers: true, proto: 1, max_payload: 1_048_576 }
    socket.write(`INFO ${JSON.stringify(info)}\r\n`)
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n')) {
        const [word = ''] = line.split(' ')
        const answer = answers[word]
        if (answer !== undefined) socket.write(`${answer}\r\n`)
        if (word === 'PING') socket.write('PONG\r\n')
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
