import { type Command, limits } from '@covey/protocol'

/** How loaded a manager is, from the least to the most. */
export const loadLevels = ['calm', 'busy', 'stressed', 'overloaded'] as const
/** One of {@link loadLevels}. */
export type LoadLevel = (typeof loadLevels)[number]

/** The shares of what a manager can hold from which it is `busy`, `stressed` and `overloaded`. */
export type LoadThresholds = readonly [busy: number, stressed: number, overloaded: number]

/** What is wrong with the thresholds of an overload detector, with the values named (S-D4); `undefined` where nothing is. */
export function faultOfThresholds(values: readonly number[]): string | undefined {
  const shown = values.map((value) => (typeof value === 'number' ? String(value) : typeof value)).join(', ')
  if (values.length !== loadLevels.length - 1) return `${shown} are ${values.length} values and not 3`
  if (!values.every((value) => value > 0 && value <= 1)) return `${shown} are not all above 0 and up to 1`
  const isAscending = values.every((value, index) => index === 0 || value > (values[index - 1] ?? 0))
  return isAscending ? undefined : `${shown} do not ascend`
}

/**
 * What a command is to a manager under load. `control` is what frees it, ends work, tells a result or shows its state, and
 * the rest of a job of which it has the beginning: never refused, never limited.
 */
export type CommandClass = 'list' | 'submit' | 'control'

/** Takes a command, or one that has no number yet. */
export function classOfCommand(
  command: Pick<Command, 'type'> & {
    readonly chunk?: { readonly index: number }
    readonly after?: number
  },
): CommandClass {
  switch (command.type) {
    case 'job.list':
    case 'statistics.get':
      return 'list'
    case 'job.get':
      // Who asks for no page wants to know how the job stands.
      return (command.after ?? 0) < limits.workflowsPerJobMax ? 'list' : 'control'
    case 'job.submit':
      return command.chunk === undefined || command.chunk.index === 0 ? 'submit' : 'control'
    default:
      return 'control'
  }
}

/** From which level on a class is refused: lists first, then new work, what controls never (H19). */
const shedFrom: Readonly<Record<CommandClass, LoadLevel | undefined>> = {
  list: 'busy',
  submit: 'overloaded',
  control: undefined,
}

/** Whether a command of a class is refused at a level. */
export function isShed(ofClass: CommandClass, level: LoadLevel): boolean {
  const from = shedFrom[ofClass]
  return from !== undefined && loadLevels.indexOf(level) >= loadLevels.indexOf(from)
}

/** How many commands, what controls aside, a client may have without an answer at a level; none is told where it is calm. */
export function creditAt(level: LoadLevel): number | undefined {
  return level === 'calm' ? undefined : limits.loadCredits[level]
}
