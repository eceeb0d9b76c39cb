import { CoveyError, type GoodbyeReason, goodbyeReasons, singleServerTimings } from '@covey/protocol'
import { Option } from 'commander'
import { type Client, type Member, orderLeave } from 'covey'
import { filter, firstValueFrom, timeout } from 'rxjs'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'

interface LeaveOptions extends ClusterOptions {
  readonly reason: GoodbyeReason
}

interface LivingNode {
  readonly nodeId: string
  readonly generation: number
}

const listDeadlineMs = 5_000
const departedDeadlineMs = singleServerTimings.leaveDeadlineMs + 5_000

const isGone = ({ state }: Member): boolean => state === 'departed' || state === 'forgotten'

/** Waits for a list of members that fits. Rejects `deadline`, saying what was waited for. */
const awaitMembers = (
  client: Client,
  fits: (members: readonly Member[]) => boolean,
  what: string,
  deadlineMs: number,
): Promise<readonly Member[]> => {
  const overdue = (): never => {
    throw new CoveyError('deadline', `${what} within ${deadlineMs} ms`)
  }
  return firstValueFrom(client.members$.pipe(filter(fits), timeout({ first: deadlineMs, with: overdue })))
}

async function findNode(client: Client, name: string): Promise<LivingNode> {
  const members = await awaitMembers(client, () => true, 'no list of the members came', listDeadlineMs)
  const living = members.filter((member) => !isGone(member))
  const node = living.find(({ nodeId }) => nodeId === name)
  if (node !== undefined) return node
  throw new CoveyError('not_found', `no node ${name} takes part in the cluster`, {
    address: name,
    mend: `it has ${living.map(({ nodeId }) => nodeId).join(', ') || 'no node'}`,
  })
}

async function awaitGone(client: Client, { nodeId, generation }: LivingNode): Promise<void> {
  const hasLeft = (members: readonly Member[]): boolean =>
    !members.some((member) => member.nodeId === nodeId && member.generation === generation && !isGone(member))
  await awaitMembers(client, hasLeft, `${nodeId} has not departed`, departedDeadlineMs)
}

/** `covey leave`: lets one node say goodbye and finish what it has. */
export const defineLeave: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('leave'),
    'let a node leave the cluster: it finishes what it can within about 6 s, the rest runs elsewhere; its process ends',
    'covey leave worker-2 --reason maintenance',
  )
    .argument('<node>', 'name of the node')
    .addOption(
      new Option('--reason <reason>', 'why it leaves').choices(goodbyeReasons).default('manual_removal'),
    )
    .action((name: string, options: LeaveOptions) =>
      withCluster(terminal, options, async ({ client, links }) => {
        const living = await findNode(client, name)
        const { nodeId: node, generation } = living
        await orderLeave({ links, cluster: client.cluster, node, generation, reason: options.reason })
        terminal.doing(`${node} drains and leaves`)
        await awaitGone(client, living)
        terminal.print(
          options.json
            ? JSON.stringify({ id: node, generation, state: 'departed' })
            : `${node} has left (generation ${generation})`,
        )
      }),
    )
}
