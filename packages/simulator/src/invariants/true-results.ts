import { isInDoubt, isVoid } from '../jobs/doubt.js'
import { isBodyOf } from '../jobs/large-bodies.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

interface Given {
  readonly sum: number
  readonly token: string
  readonly body?: unknown
}

const isGiven = (value: unknown): value is Given =>
  typeof value === 'object' && value !== null && 'sum' in value && 'token' in value

/**
 * Invariant 7: the result that a client gets is the one by which the workflow was completed in the log, exact to the byte, and
 * computed by an attempt that really ran under that token.
 */
export const trueResults: DefineJobInvariant = ({ jobs, world }) => {
  const told = unread(jobs.told)
  const answers = unread(jobs.answers)
  const begun = unread(jobs.executions)
  const ran = new Set<string>()
  const completedBy = new Map<string, { readonly token: string; readonly atMs: number }>()

  function faultOf(about: string, value: unknown): string | undefined {
    if (!isGiven(value)) return `is ${JSON.stringify(value)}`
    const { sum, bytes = 0 } = jobs.expected.get(about) ?? {}
    if (value.sum !== sum) return `is ${value.sum} in place of ${sum}`
    if (!isBodyOf(value.body, value.token, bytes)) return `has not the ${bytes} bytes that were given`
    const completed = completedBy.get(about)
    const isHeld = completed !== undefined && !isVoid(jobs, about, completed.atMs)
    if (isHeld && value.token !== completed.token && !isInDoubt(jobs, about, world.heap.now()))
      return `is that of ${value.token}, and ${completed.token} completed it`
    for (const { workflow, token: run } of begun()) ran.add(`${workflow} ${run}`)
    return ran.has(`${about} ${value.token}`) ? undefined : `is that of ${value.token}, which never ran`
  }

  return {
    name: 'true-results',
    look: () => {
      for (const { actor, to, event, at } of told()) {
        const word = jobs.logs.of(actor).wordsAt.get(at)
        if (to === 'completed' && event === 'workflow.completed' && word?.workflow === actor) {
          completedBy.set(actor, { token: word.token, atMs: world.heap.now() })
        }
      }
      return answers().flatMap(({ kind, said, about, value, client }) => {
        const wrong = kind === 'result' && said === 'completed' ? faultOf(about, value) : undefined
        return wrong === undefined ? [] : [`the result of ${about} that ${client} was told ${wrong}`]
      })
    },
  }
}
