import { CoveyError, type GoodbyeReason, goodbyeReasons, singleServerTimings } from '@covey/protocol'
import { Option } from 'commander'
import type { Client, Member, OrderedNode } from 'covey'
import { filter, firstValueFrom, timeout } from 'rxjs'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'

interface LeaveOptions extends ClusterOptions {
  readonly reason: GoodbyeReason
}

const departedDeadlineMs = singleServerTimings.leaveDeadlineMs + 5_000

const isGone = ({ state }: Member): boolean => state === 'departed' || state === 'forgotten'

/** Waits until a generation has departed. Rejects `deadline`. */
function awaitGone(client: Client, { id, generation }: OrderedNode): Promise<unknown> {
  const hasLeft = (members: readonly Member[]): boolean =>
    !members.some((member) => member.nodeId === id && member.generation === generation && !isGone(member))
  const overdue = (): never => {
    throw new CoveyError('deadline', `${id} has not departed within ${departedDeadlineMs} ms`)
  }
  return firstValueFrom(
    client.members$.pipe(filter(hasLeft), timeout({ first: departedDeadlineMs, with: overdue })),
  )
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
      withCluster(terminal, options, async ({ client }) => {
        const leaving = await client.leave(name, { reason: options.reason })
        const { id, generation } = leaving
        terminal.doing(`${id} drains and leaves`)
        await awaitGone(client, leaving)
        terminal.print(
          options.json
            ? JSON.stringify({ id, generation, state: 'departed' })
            : `${id} has left (generation ${generation})`,
        )
      }),
    )
}
