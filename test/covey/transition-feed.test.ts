import { type ActorSystem, createActorSystem, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type FoldedSource, type NodeTransition, TransitionFeed } from 'covey/assembly'
import { setup } from 'xstate'

type Heard = Parameters<Parameters<FoldedSource['onTransition']>[0]>[0]

const machine = (id: string) =>
  setup({}).createMachine({ id, initial: 'on', states: { on: { on: { flip: 'off' } }, off: {} } })

const folded = (kind: string): Heard => ({
  ...{ kind, actor: `${kind}-1`, state: 'queued', from: 'waiting', event: 'dependencies.done' },
  ...{ at: { shard: 0, sequence: 1, index: 0 }, elapsedMs: 0 },
})

describe('transitions of a node', () => {
  let system: ActorSystem
  let listeners: Set<(transition: Heard) => void>
  let feed: TransitionFeed

  beforeEach(() => {
    system = createActorSystem({ node: 'n1', clock: new HeapClock() })
    listeners = new Set()
    const source: FoldedSource = {
      states: () => [],
      places: () => [],
      onTransition(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
    feed = new TransitionFeed(system, source)
    feed.open()
  })
  afterEach(() => {
    feed.close()
    system.stopAll()
  })

  const hear = (...kinds: string[]): { readonly heard: string[]; readonly stop: () => void } => {
    const heard: string[] = []
    const listener = ({ actor, to }: NodeTransition) => heard.push(`${actor} ${to}`)
    const stop = feed.listen(
      kinds.length === 0 ? listener : Object.assign(listener, { kinds: new Set(kinds) }),
    )
    return { heard, stop }
  }
  const move = (): void => {
    for (const listener of [...listeners]) listener(folded('workflow'))
    for (const kind of ['lamp', 'fan']) {
      system.spawn(machine(kind), { id: kind })
      system.send(kind, { type: 'flip' })
      system.stop(kind)
    }
  }

  it('reach a listener that names charts only where they are of those', () => {
    const lamps = hear('lamp')
    const all = hear()
    move()

    expect(lamps.heard).to.deep.equal(['lamp on', 'lamp off', 'lamp '])
    expect(all.heard).to.deep.equal(['workflow-1 queued', ...lamps.heard, 'fan on', 'fan off', 'fan '])
  })

  it('are taken from the folded charts only while a listener hears of them', () => {
    const lamps = hear('lamp')
    expect(listeners.size, 'a listener to lamps').to.equal(0)
    const jobs = hear('job', 'workflow')
    move()
    expect(jobs.heard).to.deep.equal(['workflow-1 queued'])
    jobs.stop()
    expect(listeners.size, 'when it has stopped').to.equal(0)
    expect(system.tap?.kinds).to.deep.equal(new Set(['lamp']))
    lamps.stop()
    expect(system.tap).to.equal(undefined)
  })

  it('are taken from no folded chart while the node is between two generations', () => {
    feed.close()
    const all = hear()
    expect(listeners.size).to.equal(0)
    feed.open()
    move()
    expect(all.heard[0]).to.equal('workflow-1 queued')
  })
})
