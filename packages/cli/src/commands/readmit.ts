import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'

/** `covey readmit`: lets a name join again that was evicted. */
export const defineReadmit: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('readmit'),
    'let a node join again that was evicted; it has to be started',
    'covey readmit worker-2',
  )
    .argument('<node>', 'name of the node')
    .action((name: string, { json, ...options }: ClusterOptions) =>
      withCluster(terminal, options, async ({ client }) => {
        const { id, generation, wasEvicted } = await client.readmit(name)
        const said = wasEvicted
          ? 'may join again: start it'
          : 'is not out: whoever starts under the name may join'
        terminal.print(json ? JSON.stringify({ id, generation }) : `${id} ${said}`)
      }),
    )
}
