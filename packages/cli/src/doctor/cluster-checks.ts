import { CoveyError, createSubjects } from '@covey/protocol'
import type { AddressOptions } from '../address.js'
import { type Session, withSession } from '../session.js'
import type { Terminal } from '../terminal.js'
import { type Finding, failed, findingOf, ok, skipped } from './finding.js'

const statusDeadlineMs = 5_000

async function checkStreams({ client, links }: Session): Promise<Finding> {
  const subjects = createSubjects(client.cluster)
  try {
    const facts = await links.facts.list(subjects.facts)
    const waiting = await links.outbox.list(subjects.outboxAll)
    const tail = await links.log(0).tail()
    return ok('streams', `${facts.length} facts, ${waiting.length} reports in the outbox, log at ${tail}`)
  } catch (error) {
    const { message } = error as Error
    if (!/stream not found/.test(message)) return findingOf('streams', error)
    return failed(
      'streams',
      message,
      `cluster ${client.cluster} was never here: check --cluster, or covey up`,
    )
  }
}

async function checkLeader({ client }: Session): Promise<Finding> {
  try {
    const { nodes, shards } = await client.status({ deadlineMs: statusDeadlineMs })
    const leaderless = shards.find(({ leader }) => leader === null)
    if (leaderless !== undefined) return failed('cluster', `nobody leads shard ${leaderless.shard}`)
    const active = nodes.filter(({ state }) => state === 'active').length
    return ok('cluster', `${client.cluster}: ${active} active nodes, led by ${shards[0]?.leader}`)
  } catch (error) {
    return findingOf('cluster', error)
  }
}

const noCluster = (error: unknown): boolean =>
  error instanceof CoveyError && error.code === 'cluster_not_found'

/** The broker, its streams and its leader, where there is a cluster to look at. */
export async function checkCluster(terminal: Terminal, options: AddressOptions): Promise<Finding[]> {
  try {
    return await withSession(terminal, options, async (session) => {
      const { url, version } = session.links.broker
      const broker = ok('broker', `nats-server ${version} with JetStream at ${url}`)
      return [broker, await checkStreams(session), await checkLeader(session)]
    })
  } catch (error) {
    if (noCluster(error)) return [skipped('cluster', 'none found from here: covey up starts one')]
    return [findingOf('broker', error)]
  }
}
