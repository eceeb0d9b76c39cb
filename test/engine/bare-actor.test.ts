import { createActorSystem, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { Actor, type AnyActorRef, createActor, emit, setup } from 'xstate'

const machine = setup({
  types: { events: {} as { type: 'go' }, emitted: {} as { type: 'gone' } },
}).createMachine({
  id: 'm',
  initial: 'a',
  states: { a: { on: { go: { actions: emit({ type: 'gone' }) } } } },
})

type Hidden = Record<string, unknown> & { _actorScope: object; mailbox: object }
const hiddenOf = (actor: unknown): Hidden => actor as Hidden

describe('an actor made without the constructor of stock', () => {
  const clock = new HeapClock()
  const system = createActorSystem({ node: 'n', clock })
  const ours = system.spawn(machine, { id: 'ours' })
  const stock = createActor(machine, { id: 'stock', parent: hiddenOf(ours)._parent as AnyActorRef }).start()
  after(() => system.stopAll())

  it('is an actor with the parts of a stock one, and what the system keeps of it', () => {
    expect(ours).to.be.instanceOf(Actor)
    const own = ['tenancy', 'kind', 'shownState', 'shownSinceMs', 'restartTimer']
    expect(Object.keys(ours)).to.have.members([...Object.keys(stock), ...own])
    const scope = hiddenOf(ours)._actorScope
    for (const [part, value] of Object.entries(hiddenOf(stock)._actorScope))
      expect(typeof Reflect.get(scope, part), part).to.equal(typeof value)
    expect(hiddenOf(ours).mailbox.constructor).to.equal(hiddenOf(stock).mailbox.constructor)
    for (const part of Object.keys(stock)) {
      expect(typeof hiddenOf(ours)[part], part).to.equal(typeof hiddenOf(stock)[part])
    }
  })

  it('emits as stock does: to listeners of the type and of all types, and one that throws stops nobody', () => {
    const heard: string[] = []
    ours.on('gone', () => {
      throw new Error('thrown by a listener')
    })
    ours.on('gone', () => heard.push('gone'))
    ours.on('*', () => heard.push('any'))
    system.send('ours', { type: 'go' })
    expect(heard).to.deep.equal(['gone', 'any'])
    expect(ours.getSnapshot().status).to.equal('active')
    expect(() => clock.advance(0)).to.throw('thrown by a listener')
  })

  it('refuses to stop a child of another', () => {
    const scope = hiddenOf(ours)._actorScope as { stopChild(child: unknown): void }
    expect(() => scope.stopChild(stock)).to.throw('stock is no child of ours')
  })
})
