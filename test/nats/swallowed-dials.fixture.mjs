// Speaks just enough of the protocol to be connected with. Stopped, it has room for two calls that it does not take.
import { createServer } from 'node:net'

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy())
  socket.write('INFO {"server_id":"fake","version":"2.10.0","proto":1,"max_payload":1048576}\r\n')
  socket.on('data', (chunk) => {
    if (chunk.includes('PING')) socket.write('PONG\r\n')
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () =>
  process.stdout.write(`${server.address().port}\n`),
)
