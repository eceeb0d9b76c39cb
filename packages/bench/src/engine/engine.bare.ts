import { workflowMachine } from '@covey/machines'
import { createActor, initialTransition, transition } from 'xstate'
import { cycle, opening } from './workflow-cycle.js'

/** Sends one event after the other to an actor of stock XState. */
export function stockSend(): () => void {
  const actor = createActor(workflowMachine).start()
  actor.send(opening)
  let turn = 0
  return () => {
    turn = 1 - turn
    actor.send(cycle[turn === 1 ? 0 : 1])
  }
}

/** Takes one step after the other with the pure function of stock XState. */
export function stockTransition(): () => void {
  let [snapshot] = initialTransition(workflowMachine)
  ;[snapshot] = transition(workflowMachine, snapshot, opening)
  let turn = 0
  return () => {
    turn = 1 - turn
    ;[snapshot] = transition(workflowMachine, snapshot, cycle[turn === 1 ? 0 : 1])
  }
}

/** Starts and stops an actor of stock XState. */
export const stockLife = (): void => void createActor(workflowMachine).start().stop()
