import { payloadBytes } from '../bus/burst.js'

/** What is asked and answered: a value that each side packs and unpacks in its own way. */
export interface EchoedValue {
  readonly text: string
}

/** The one value that goes back and forth. */
export const echoedValue: EchoedValue = { text: 'x'.repeat(payloadBytes) }

/** Refuses an answer that is not what was asked. */
export function checkEcho(answer: unknown): void {
  if (typeof answer === 'object' && answer !== null && 'text' in answer && answer.text === echoedValue.text)
    return
  throw new Error(`${JSON.stringify(echoedValue)} was answered by ${JSON.stringify(answer)}`)
}

/** Where ours and the bare one listen. */
export const valueSubjects = (cluster: string) => ({
  ours: `${cluster}.value`,
  bare: `${cluster}.bare.value`,
})
