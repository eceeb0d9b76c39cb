import { type Answer, type AnswerOf, CoveyError } from '@covey/protocol'

/** The answer as the one that was due. Throws `invalid_message` for any other. */
export function expectAnswer<Type extends Answer['type']>(type: Type, answer: Answer): AnswerOf<Type> {
  if (answer.type === type) return answer as AnswerOf<Type>
  throw new CoveyError('invalid_message', `the leader answered ${answer.type} where ${type} was due`)
}
