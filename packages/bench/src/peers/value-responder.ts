import { packValue, unpackValue } from '@covey/protocol'
import { connect } from 'nats'
import { ourLinks } from '../bus/our-links.js'
import type { ChildOrder, Close } from '../process/child-role.js'
import { valueSubjects } from './echoed-value.js'

/** Answers values by themselves, unpacked and packed again: ours as our messages are packed, the bare one as JSON. */
export async function startValueResponder({ server, cluster, name }: ChildOrder): Promise<Close> {
  const subjects = valueSubjects(cluster)
  const links = await ourLinks(server, cluster, name)
  const bus = links.control
  bus.subscribe(subjects.ours, ({ data, reply }) => {
    if (reply !== undefined) bus.publish(reply, packValue(unpackValue(data)))
  })
  await bus.flush()
  const connection = await connect({ servers: server })
  connection.subscribe(subjects.bare, {
    callback: (_, message) => void message.respond(JSON.stringify(message.json())),
  })
  await connection.flush()
  return async () => {
    await connection.close()
    await links.close()
  }
}
