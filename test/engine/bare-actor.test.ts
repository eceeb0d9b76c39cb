import { createActorSystem, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import fc from 'fast-check'
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

/** An event, and what taking it does to the mailbox. */
interface Mail {
  readonly name: number
  readonly sets: readonly (Mail | 'clear')[]
}
interface Mailbox {
  start(): void
  clear(): void
  enqueue(mail: Mail): void
}
const { mails } = fc.letrec<{ mail: Mail; set: Mail | 'clear'; mails: readonly (Mail | 'clear')[] }>(
  (tie) => ({
    mail: fc.record({
      name: fc.nat(99),
      sets: fc.oneof({ depthSize: 'small' }, fc.constant([]), tie('mails')),
    }),
    set: fc.oneof(
      { weight: 4, arbitrary: tie('mail') },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    ),
    mails: fc.array(tie('set'), { maxLength: 4 }),
  }),
)

/** The order in which a mailbox hands its events over. */
function orderOf(make: (take: (mail: Mail) => void) => Mailbox, walk: readonly (Mail | 'clear')[]): number[] {
  const order: number[] = []
  const does = (what: Mail | 'clear'): void => (what === 'clear' ? mailbox.clear() : mailbox.enqueue(what))
  const mailbox = make(({ name, sets }) => {
    order.push(name)
    sets.forEach(does)
  })
  mailbox.start()
  walk.forEach(does)
  return order
}

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
    for (const part of Object.keys(stock)) {
      expect(typeof hiddenOf(ours)[part], part).to.equal(typeof hiddenOf(stock)[part])
    }
  })

  it('has a mailbox that hands events over as that of stock, whatever they set off', () => {
    const Ours = hiddenOf(ours).mailbox.constructor as new (actor: { _process(mail: Mail): void }) => Mailbox
    const Stock = hiddenOf(stock).mailbox.constructor as new (process: (mail: Mail) => void) => Mailbox
    fc.assert(
      fc.property(mails, (walk) => {
        const order = orderOf((take) => new Ours({ _process: take }), walk)
        expect(order).to.deep.equal(orderOf((take) => new Stock(take), walk))
      }),
    )
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

  it('tells an observer, under itself, what stock tells it: snapshots, and its end; and one that stopped nothing', () => {
    class Seen {
      readonly told: string[] = []
      next({ value }: { readonly value: unknown }): void {
        this.told.push(String(value))
      }
      error(): void {
        this.told.push('error')
      }
      complete(): void {
        this.told.push('complete')
      }
    }
    const actor = system.spawn(machine, { id: 'seen' })
    const [stays, goes, late] = [new Seen(), new Seen(), new Seen()]
    actor.subscribe(stays)
    const { unsubscribe } = actor.subscribe(goes)
    system.send('seen', { type: 'go' })
    unsubscribe()
    system.stop('seen')
    actor.subscribe(late)
    expect(stays.told).to.deep.equal(['a', 'complete'])
    expect(goes.told).to.deep.equal(['a'])
    expect(late.told).to.deep.equal([])
  })

  it('tells an observer of its own actor only, before and after others have ended', () => {
    const told: string[] = []
    const [one, other] = ['one', 'other'].map((id) => system.spawn(machine, { id }))
    one?.subscribe(() => told.push('one'))
    system.send('other', { type: 'go' })
    system.stop('other')
    expect(told).to.deep.equal([])
    system.send('one', { type: 'go' })
    expect(told).to.deep.equal(['one'])
    system.stop('one')
    system.spawn(machine, { id: 'one' })
    system.send('one', { type: 'go' })
    expect(told).to.deep.equal(['one'])
    expect(hiddenOf(other).observers).to.have.property('size', 0)
  })

  it('refuses to stop a child of another', () => {
    const scope = hiddenOf(ours)._actorScope as { stopChild(child: unknown): void }
    expect(() => scope.stopChild(stock)).to.throw('stock is no child of ours')
  })
})
