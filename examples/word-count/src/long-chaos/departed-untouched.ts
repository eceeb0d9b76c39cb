import type { Client } from 'covey'
import { untilHeard } from './until-heard.js'

/**
 * Names the nodes that have departed although nobody killed or stopped them: a kill of the broker departs nobody (K14). A
 * node that is in its first generation has never departed.
 */
export async function departedUntouched(
  client: Pick<Client, 'status'>,
  names: readonly string[],
  struck: ReadonlySet<string>,
): Promise<string[]> {
  const { nodes } = await untilHeard(() => client.status())
  return names
    .filter((name) => !struck.has(name))
    .filter((name) => nodes.find(({ id }) => id === name)?.generation !== 1)
    .map((name) => `${name} has departed, and nobody touched it`)
}
