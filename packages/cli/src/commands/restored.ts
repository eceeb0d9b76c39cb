import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { exitCodes } from '../exit-codes.js'
import { withCluster } from '../session.js'

/** `covey restored`: after an older copy of the store was put back, so that no token is given twice (K11). */
export const defineRestored: DefineCommand = (program, host) => {
  const { terminal } = host
  describeClusterCommand(
    program.command('restored'),
    "after the broker's store was put back to an earlier copy: stops what runs, and gives no token that was given since",
    'covey restored',
  ).action(({ json, ...options }: ClusterOptions) =>
    withCluster(terminal, options, async ({ client }) => {
      const { shards, unheard } = await client.restored()
      const lines = shards.map(
        ({ shard, streamEpoch }) => `shard ${shard} gives tokens of stream epoch ${streamEpoch}`,
      )
      const silent = unheard.map(({ shard, error: { code, message } }) => ({
        shard,
        error: { code, message },
      }))
      terminal.print(json ? JSON.stringify({ shards, unheard: silent }) : lines.join('\n'))
      for (const { shard, error } of unheard) terminal.say(`shard ${shard} did not answer: ${error.message}`)
      if (unheard.length > 0) host.exitCode = exitCodes.failed
    }),
  )
}
