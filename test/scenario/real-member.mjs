// A member of a real cluster in a process of its own, on what has been built: it tells its parent what it sees, how often
// it has dialled, what its log says and what it holds, and does what it is told to.
import { readdirSync } from 'node:fs'
import { startNode } from 'covey'
import { pino } from 'pino'

const [server, cluster, name] = process.argv.slice(2)
let lines = 0
const logger = pino({ level: 'info' }, { write: () => process.send({ lines: ++lines }) })
const node = await startNode({ server, cluster, name, roles: ['manager'], logger })
let dials = 0
const sessions = {}
node.channel('hello', ({ from }) => process.send({ greetedBy: from }))
node.transitions({ kind: 'connection' }).subscribe(({ actor, to, from }) => {
  if (!actor.startsWith('connection.')) return
  if (to === 'dialing' && from !== '') dials += 1
  sessions[actor.slice('connection.'.length)] = to
  process.send({ dials, sessions })
})
node.members$.subscribe((members) =>
  process.send({
    sees: Object.fromEntries(members.map((member) => [member.nodeId, member.state])),
    generations: Object.fromEntries(members.map((member) => [member.nodeId, member.generation])),
  }),
)

/** Another node that joins, says hello and leaves, again and again, in this process. */
async function visit({ times, to }) {
  for (let visits = 1; visits <= times; visits += 1) {
    const guest = await startNode({ server, cluster, name: 'guest', roles: [], logger: 'silent' })
    await guest.ready
    await guest.send(to, 'hello', visits)
    await guest.leave()
    await guest.close()
    process.send({ visits })
  }
}

function count() {
  globalThis.gc()
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const files = readdirSync('/proc/self/fd').length
  const { user, system } = process.cpuUsage()
  process.send({
    counts: { files, sockets },
    heapBytes: process.memoryUsage().heapUsed,
    cpuMs: (user + system) / 1_000,
  })
}

process.on('message', ({ leave, hello, visit: visits, count: isCounted }) => {
  if (leave !== undefined) void node.leave(leave)
  if (hello !== undefined) void node.send(hello, 'hello', 'hi').catch(({ code }) => process.send({ code }))
  if (visits !== undefined) void visit(visits)
  if (isCounted) count()
})
process.on('disconnect', () => process.exit())
await node.closed
await node.close()
process.disconnect()
