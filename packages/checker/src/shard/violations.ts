import type { State } from '../model.js'
import type { ShardPlaces } from './shard-fields.js'
import type { ShardTraits } from './shard-traits.js'

const rules = {
  exclusive: 'exclusive work runs in one place at a time (invariant 8)',
  once: 'a token runs at one worker only (invariants 1 and 2)',
  final: 'nothing runs of what has ended (invariants 3 and 4)',
  acknowledged: 'nothing runs under a token that the log has not given (invariants 2 and 12)',
}

/** The rule that a state breaks. */
export function violationOf(shard: ShardTraits, state: State, places: ShardPlaces): string | undefined {
  const log = state[places.log] as number
  const clients = shard.clientsBroken(state[places.clients] as number, log)
  if (clients !== undefined) return clients
  let running = 0
  let ran = 0
  for (let worker = 0; worker < places.workers; worker += 1) {
    const traits = shard.run(state[places.run(worker)] as number)
    if (traits.broken !== undefined) return traits.broken
    if ((traits.running & running) !== 0) return rules.exclusive
    if ((traits.ran & ran) !== 0) return rules.once
    running |= traits.running
    ran |= traits.ran
    const known = shard.log(log)
    const time = shard.timeBroken(traits, log)
    if (time !== undefined) return time
    if ((traits.running & known.ended) !== 0) return rules.final
    if (traits.newest > known.given) return rules.acknowledged
  }
  return undefined
}
