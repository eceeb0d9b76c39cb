import { jobMachine, workflowMachine } from '@covey/machines'
import { unread } from '../jobs/unread.js'
import { birth, declared, type PathStep, stepFault } from './declared-paths.js'
import type { DefineJobInvariant } from './invariant.js'

const machines = new Map([
  ['workflow', declared(workflowMachine.config)],
  ['job', declared(jobMachine.config)],
])

/** Invariant 9: what a leader tells of workflows and jobs is a path of their machine as it is written, from where it began to lead. */
export const foldedPaths: DefineJobInvariant = ({ jobs }) => {
  const told = unread(jobs.told)
  const states = new Map<string, string>()
  return {
    name: 'folded-paths',
    look: () =>
      told().flatMap(({ leader, kind, actor, from, event, to }) => {
        const key = `${leader.address} ${actor}`
        const before = states.get(key)
        states.set(key, to)
        if (event === '') return []
        // A chart begins with the message that brings it: told as a step from nowhere.
        const step: PathStep = { actor, kind, from, event: from === '' ? birth : event, to }
        const wrong = stepFault(machines, step, before)
        return wrong === undefined ? [] : [`${leader.address}: ${wrong}`]
      }),
  }
}
