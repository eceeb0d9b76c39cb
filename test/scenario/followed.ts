import { describeMachine } from '@covey/engine'
import { jobMachine, workflowMachine } from '@covey/machines'
import type { TransitionOf } from 'covey'

type OfJobs = TransitionOf<'job' | 'workflow'>

/** What a chart can do: `from event to`. */
const stepsOf = (machine: typeof jobMachine | typeof workflowMachine): string[] => {
  const { id, nodes, edges } = describeMachine(machine)
  const keyOf = new Map(nodes.map((node) => [node.id, node.key]))
  return edges.flatMap(({ source, event, targets }) => {
    const froms = source === id ? nodes.map((node) => node.key) : [keyOf.get(source)]
    return froms.flatMap((from) => targets.map((target) => `${id} ${from} ${event} ${keyOf.get(target)}`))
  })
}
const lawful = new Set([...stepsOf(jobMachine), ...stepsOf(workflowMachine)])

/** Follows charts as a user would who keeps the last state of each, and notes what does not fit together. */
export class Followed {
  readonly states = new Map<string, string>()
  readonly faults: string[] = []
  /** How many steps were told as they happened, and how many states in place of steps that nobody could tell. */
  steps = 0
  statements = 0

  hear({ kind, actor, from, event, to }: OfJobs): void {
    const known = this.states.get(actor) ?? ''
    const text = `${kind} ${from} ${event} ${to}`
    if (from !== known) this.faults.push(`${actor} was ${known || 'unknown'}: ${text}`)
    if (to === from) this.faults.push(`${actor} is told again: ${text}`)
    if (event === '') this.statements += 1
    else {
      this.steps += 1
      const isBirth = from === '' && event === 'job.submitted'
      if (!isBirth && !lawful.has(text)) this.faults.push(`${actor} cannot do that: ${text}`)
    }
    this.states.set(actor, to)
  }
}
