// A member of a real cluster in a process of its own, on what has been built: it tells its parent what it sees and how
// often it has dialled, and leaves when it is told to.
import { startNode } from 'covey'

const [server, cluster, name] = process.argv.slice(2)
const node = await startNode({ server, cluster, name, roles: ['manager'], logger: 'silent' })
let dials = 0
node.transitions({ kind: 'connection' }).subscribe(({ actor, to, from }) => {
  if (actor.startsWith('connection.') && to === 'dialing' && from !== '') dials += 1
  process.send({ dials })
})
node.members$.subscribe((members) =>
  process.send({ sees: Object.fromEntries(members.map((member) => [member.nodeId, member.state])) }),
)
process.on('message', ({ leave }) => void node.leave(leave))
process.on('disconnect', () => process.exit())
await node.closed
await node.close()
process.disconnect()
