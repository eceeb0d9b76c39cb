import { packValue } from '@covey/protocol'
import { connect } from 'nats'
import type { ChildOrder, Close } from '../process/child-role.js'
import { busSubjects } from './burst.js'
import { ourLinks } from './our-links.js'

/** Answers requests with what they carry, and the last message of a burst with how many have come; ours and bare. */
export async function startResponder({ server, cluster, name }: ChildOrder): Promise<Close> {
  const subjects = busSubjects(cluster)
  const links = await ourLinks(server, cluster, name)
  const bus = links.control
  let received = 0
  bus.subscribe(subjects.echo, ({ data, reply }) => {
    if (reply !== undefined) bus.publish(reply, data)
  })
  bus.subscribe(subjects.burst, ({ reply }) => {
    received += 1
    if (reply !== undefined) bus.publish(reply, packValue(received))
  })
  await bus.flush()

  const connection = await connect({ servers: server })
  let bareReceived = 0
  connection.subscribe(subjects.bareEcho, { callback: (_, message) => void message.respond(message.data) })
  connection.subscribe(subjects.bareBurst, {
    callback: (_, message) => {
      bareReceived += 1
      message.respond(packValue(bareReceived))
    },
  })
  await connection.flush()
  return async () => {
    await connection.close()
    await links.close()
  }
}
