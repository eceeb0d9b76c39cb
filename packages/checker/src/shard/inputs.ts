import type { Input, WorkerName } from './mail.js'
import { endings, jobOf } from './term.js'
import { workflowName } from './worker-table.js'

/** States in which a client is told of an end. */
export const ends = new Set(['completed', 'failed', 'cancelled'])

/** The submission of a job of one workflow. */
export const submitOf = (number: number): Extract<Input, { kind: 'command' }>['command'] => ({
  ...{ type: 'job.submit', number, job: jobOf(number), digest: 'content', chunk: { index: 0, count: 1 } },
  workflows: [{ step: 'main', name: workflowName, input: new Uint8Array(0), after: [] }],
})

/** What a leader takes, in words. */
export function inputWord(input: Input, names: readonly WorkerName[]): string {
  const name = (worker: number): string => `${names[worker]?.worker}.${names[worker]?.generation}`
  switch (input.kind) {
    case 'report':
      return `${name(input.from)} says that ${input.report.token} is ${input.report.kind}`
    case 'word':
      return `the outbox says that ${input.report.token} is ${input.report.kind}`
    case 'renewal': {
      const { credits, held, epoch, opened } = input.message
      const list = held.map(({ token }) => token).join() || 'nothing'
      const gives = opened ? `credits ${credits.join() || 'none'}` : 'no credits'
      return `${name(input.from)} renews for epoch ${epoch}: it holds ${list} and gives ${gives}`
    }
    case 'command':
      return `${input.command.type} of ${jobOf(input.command.number)}`
    case 'look':
      return 'a look at what it owes'
    case 'news':
      return `${name(input.worker)} has ${endings[input.ending]}`
    case 'due':
      return `the time of ${input.workflow} is over`
    default:
      return 'a look at who may run what'
  }
}
