import { limits } from '@covey/protocol'
import { InvalidArgumentError } from 'commander'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'

interface EvictOptions extends ClusterOptions {
  readonly reason?: string
}

function shortText(text: string): string {
  if (text.length <= limits.reasonTextMax) return text
  throw new InvalidArgumentError(`Take at most ${limits.reasonTextMax} characters.`)
}

/** `covey evict`: puts a node out of the cluster, at once, until it is readmitted. */
export const defineEvict: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('evict'),
    'put a node out of the cluster at once: its process stops, and none of its name may join until covey readmit',
    'covey evict worker-2 --reason "its disk is failing"',
  )
    .argument('<node>', 'name of the node')
    .option('--reason <text>', 'why, for those who look later', shortText)
    .action((name: string, { reason, json, ...options }: EvictOptions) =>
      withCluster(terminal, options, async ({ client }) => {
        const { id, generation } = await client.evict(name, reason === undefined ? {} : { reason })
        terminal.print(
          json
            ? JSON.stringify({ id, generation, state: 'departed', end: 'evicted' })
            : `${id} is evicted (generation ${generation}); covey readmit ${id} lets it join again`,
        )
      }),
    )
}
