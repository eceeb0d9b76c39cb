import { CoveyError } from '@covey/protocol'

/** Of all copies of this package in one thread. */
const mark = Symbol.for('covey.host')

/** From here on this thread runs isolated workflows, and nothing else. */
export const markAsHost = (): void => void Object.assign(globalThis, { [mark]: true })

/** Throws `invalid_options` where a module of isolated workflows starts a node when it is loaded: each host would be one. */
export function refuseInHost(): void {
  if (!Object.hasOwn(globalThis, mark)) return
  throw new CoveyError('invalid_options', 'a module of isolated workflows starts a node when it is loaded', {
    address: 'startNode',
    mend: 'put the workflows into a file of their own, which only defines and exports them',
  })
}
