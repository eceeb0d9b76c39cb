import { createMemoryBroker, type Links, systemAwakeClock, systemRandom } from '@covey/transport'
import { type AnyWorkflow, type Client, connect, type NodeOptions, type RunningNode, startNode } from 'covey'

/** A node with isolated workflows, in this process and without a broker. */
export interface IsolatedNode {
  readonly node: RunningNode
  readonly client: Client
  close(): Promise<void>
}

/** Starts one, and a client beside it. */
export async function startIsolated(
  workflows: readonly AnyWorkflow[],
  more: Partial<NodeOptions> = {},
): Promise<IsolatedNode> {
  const broker = createMemoryBroker({ clock: systemAwakeClock, random: systemRandom, cluster: 'default' })
  const opened: Links[] = []
  const open = (name: string): Links => {
    const links = broker.open(name)
    opened.push(links)
    return links
  }
  const node = await startNode({
    name: 'n1',
    links: open('n1'),
    logger: 'silent',
    slots: 4,
    workflows,
    ...more,
  })
  await node.ready
  const client = await connect({ links: open('client') })
  return {
    node,
    client,
    async close() {
      await client.close()
      await node.close()
      await Promise.all(opened.map((links) => links.close()))
    },
  }
}
