import type { Attributes } from '@opentelemetry/api'

/** What is done, and in the words of OpenTelemetry what kind of doing it is to a message. */
const operationTypes = { submit: 'send', assign: undefined, run: 'process', result: 'receive' } as const

/** What our spans tell of: a workflow on its way through the cluster. */
export type Operation = keyof typeof operationTypes

/** The name of a span: few different ones, so that they can be grouped by it. */
export const spanName = (operation: Operation, workflow: string | undefined): string =>
  workflow === undefined ? operation : `${operation} ${workflow}`

/** What all our spans tell alike, after the conventions for messaging. */
export function messagingAttributes(
  operation: Operation,
  workflow: string | undefined,
  job: string,
): Attributes {
  const type = operationTypes[operation]
  return {
    'messaging.system': 'covey',
    'messaging.operation.name': operation,
    'messaging.message.conversation_id': job,
    ...(type === undefined ? {} : { 'messaging.operation.type': type }),
    ...(workflow === undefined ? {} : { 'messaging.destination.name': workflow }),
  }
}
