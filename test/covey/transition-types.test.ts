import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import type { ActorKind, Client, EventOf, RunningNode, StateOf, TransitionFilter, TransitionOf } from 'covey'
import type { Observable } from 'rxjs'

type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false
const holds = <Claim extends true>(claim: Claim): void => {
  expect(claim).to.equal(true)
}
type ValueOf<Stream> = Stream extends Observable<infer Value> ? Value : never

// Compiled only: nothing here is called.
const typed = (client: Client, node: RunningNode, read: TransitionFilter) => {
  const ofWorkflows = client.transitions({ kind: 'workflow', actor: 'orders/*' })
  holds<Same<ValueOf<typeof ofWorkflows>, TransitionOf<'workflow'>>>(true)
  const ofTwo = client.transitions({ kind: ['job', 'workflow'] })
  holds<Same<ValueOf<typeof ofTwo>, TransitionOf<'job'> | TransitionOf<'workflow'>>>(true)
  const ofAll = client.transitions({ node: 'm1' })
  holds<Same<ValueOf<typeof ofAll>, TransitionOf<ActorKind>>>(true)
  const ofRead = client.transitions(read)
  holds<Same<ValueOf<typeof ofRead>, Transition>>(true)
  const ofNode = node.transitions({ kind: 'worker' })
  holds<Same<ValueOf<typeof ofNode>, TransitionOf<'worker'>>>(true)
  return ofAll.subscribe((transition) => {
    if (transition.kind !== 'workflow') return
    holds<Same<typeof transition, TransitionOf<'workflow'>>>(true)
    // @ts-expect-error no workflow is ever flying
    if (transition.to === 'flying') throw new Error('never')
    return transition.at.sequence
  })
}

describe('Types of transitions', () => {
  it('have the states of the machine that their kind names', () => {
    holds<Same<StateOf<'job'>, 'running' | 'cancelling' | 'completed' | 'failed' | 'cancelled'>>(true)
    holds<Same<StateOf<'manager'>, 'starting' | 'serving' | 'draining' | 'stopped'>>(true)
    holds<Same<TransitionOf<'job'>['from'], StateOf<'job'> | ''>>(true)
  })

  it('have the events of that machine, of its log and of its timers, and no others', () => {
    const known: EventOf<'workflow'>[] = ['workflow.completed', 'xstate.after.backoffMs.workflow.backingOff']
    // @ts-expect-error a worker hears nothing of orders of coffee
    const unknown: EventOf<'worker'> = 'coffee.ordered'
    expect([...known, unknown]).to.have.length(3)
  })

  it('are a union that the kind tells apart, and plain texts for a kind read at run time, as this file compiles', () => {
    expect(typed).to.be.a('function')
  })
})
