import type { AskMessage, RunMessage, Want } from '@covey/protocol'

/** What the leader of a shard says to the worker. */
export type ToWorker =
  | { readonly kind: 'run'; readonly command: RunMessage }
  | { readonly kind: 'ask'; readonly command: AskMessage }
  | {
      readonly kind: 'grant'
      readonly epoch: number
      readonly want: Want
      readonly returned: readonly number[]
    }

/** What the worker says of an attempt. */
export interface Said {
  readonly epoch: number
  readonly kind: string
  readonly token: string
  readonly credits: readonly number[]
}

/** What a renewal says of the worker's slots in a shard. */
export interface Renewal {
  readonly epoch: number
  readonly opened: boolean
  readonly slots: number
  readonly credits: readonly number[]
  readonly recall: number
}

export const streamEpoch = 1
export const workflowName = 'work'
export const version = '1'
/** The only job of a shard. */
export const workflowOf = (shard: number): string => `job${shard}/main`

/** What is said, in words. */
export function textOf(message: ToWorker): string {
  if (message.kind === 'grant')
    return `a grant of epoch ${message.epoch}, with ${message.returned.join() || 'nothing'} given back`
  const { epoch } = message.command
  if (message.kind === 'ask')
    return `a question of epoch ${epoch} about ${message.command.questions.map(({ token }) => token).join() || 'nothing'}`
  const { logged, dispatches, want } = message.command
  const parts = [
    ...dispatches.map(({ token, credits }) => `run ${token} on ${credits.join()}`),
    ...logged.map((token) => `${token} is in the log`),
    ...(want ? [`${want.slots} wanted`] : []),
  ]
  return `${parts.join(', ')} (epoch ${epoch})`
}
