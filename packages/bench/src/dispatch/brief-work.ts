import { delay, systemClock } from '@covey/transport'
import { type AnyWorkflow, defineWorkflow } from 'covey'

/** The name that it is submitted by. */
export const briefWork = 'brief-work'

/** Slots of the worker that has a queue before it: few, so that the queue is still there when it is looked at. */
export const briefSlots = 4

/**
 * Takes its slot for less time than a cluster is without a leader, so that the next leader finds all slots free, and says
 * by which token each attempt has begun.
 */
export const defineBriefWork = (began: (token: string) => void): AnyWorkflow =>
  defineWorkflow({
    name: briefWork,
    version: '1',
    run: async ({ token }) => {
      began(token)
      await delay(systemClock, 200)
    },
  })
