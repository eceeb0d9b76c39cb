import type { Client } from 'covey'
import { untilHeard } from './until-heard.js'

/**
 * Names the nodes that have departed more often than they were given reason to: a kill of the broker departs nobody (K14).
 * A node takes a new generation when its process has ended, and may when it was stopped for longer than its lease; `reasons`
 * names it once for each.
 */
export async function departedUntouched(
  client: Pick<Client, 'status'>,
  names: readonly string[],
  reasons: readonly string[],
): Promise<string[]> {
  const { nodes } = await untilHeard(() => client.status())
  return names.flatMap((name) => {
    const most = 1 + reasons.filter((one) => one === name).length
    const generation = nodes.find(({ id }) => id === name)?.generation
    return generation !== undefined && generation <= most
      ? []
      : [`${name} is in generation ${generation}, and had reason for ${most}`]
  })
}
