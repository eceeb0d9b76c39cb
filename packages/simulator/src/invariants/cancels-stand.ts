import { isInDoubt, isVoid } from '../jobs/doubt.js'
import { metBy, stoppedAt } from '../jobs/stopped-workflows.js'
import { isAfter, isEndState, type ToldState } from '../jobs/told-states.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * Invariants 3 and 4 (K39, K45), of cancels by id and by filter: what the log says is to be cancelled ends as that, unless it
 * had ended before. A client that was told what its filter has met hears of no other end of anything that fits it.
 */
export const cancelsStand: DefineJobInvariant = (scene) => {
  const { jobs, world } = scene
  const told = unread(jobs.told)
  const sweeps = unread(jobs.sweeps)
  const swept = new Map<string, { readonly client: string; readonly atMs: number }>()

  function faultOf({ actor, to, at, leader }: ToldState): string | undefined {
    const stop = stoppedAt(jobs, actor)
    const said = `${actor} is ${to} by the word of ${leader.address}`
    if (stop !== undefined && isAfter(at, stop)) return `${said} at ${at}, and was to be cancelled at ${stop}`
    const sweep = swept.get(actor)
    if (sweep === undefined || isVoid(jobs, actor, sweep.atMs)) return undefined
    return `${said}, and ${sweep.client} was told that all of its work is cancelled`
  }

  return {
    name: 'cancels-stand',
    look: () => {
      const nowMs = world.heap.now()
      const wrong = told().flatMap((state) => {
        const { kind, actor, to } = state
        if (kind !== 'workflow' || !isEndState(to) || to === 'cancelled') return []
        if (isInDoubt(jobs, actor, nowMs)) return []
        return faultOf(state) ?? []
      })
      for (const sweep of sweeps()) {
        const met = metBy(jobs, sweep).filter((id) => !jobs.ends.has(id) && !isInDoubt(jobs, id, nowMs))
        for (const id of met) swept.set(id, { client: sweep.client, atMs: nowMs })
      }
      return wrong
    },
  }
}
