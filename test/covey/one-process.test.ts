import { HeapClock } from '@covey/engine'
import { AwakeClock, type Clock, createMemoryBroker, type Links, seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { StoppedClock } from './stopped-clock.js'

const hourMs = 3_600_000
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A cluster that is one process with its broker, which is stopped now and then. */
class OneProcess {
  readonly heap = new HeapClock()
  readonly stopped: StoppedClock
  readonly ran: string[] = []
  readonly states: string[] = []
  readonly nodes: RunningNode[] = []
  client!: Client
  readonly #seed: number
  readonly #links: Links[] = []

  constructor(seed: number) {
    this.#seed = seed
    this.stopped = new StoppedClock(this.heap, seededRandom(seed))
  }

  async start(clock: Clock): Promise<void> {
    const random = seededRandom(this.#seed)
    const faults = { latencyMinMs: 0.1, latencyMaxMs: 2 }
    const broker = createMemoryBroker({ clock, random, cluster: 'test', faults })
    const open = (name: string): Links => {
      const links = broker.open(name)
      this.#links.push(links)
      return links
    }
    const work = defineWorkflow({
      name: 'work',
      version: '1',
      run: ({ token, signal }) =>
        new Promise<string>((resolve, reject) => {
          this.ran.push(token)
          const timer = clock.setTimeout(() => resolve('done'), 20_000)
          signal.addEventListener('abort', () => {
            clock.clearTimeout(timer)
            reject(signal.reason)
          })
        }),
    })
    const common = { cluster: 'test', random, workflows: [work], slots: 1, logger: 'silent' } as const
    for (const name of ['m1', 'm2', 'w1', 'w2']) {
      const roles = [name.startsWith('m') ? 'manager' : 'worker'] as const
      const node = await startNode({ ...common, name, roles, links: open(name) })
      this.nodes.push(node)
      node.transitions().subscribe(({ actor, to }) => this.states.push(`${actor} ${to}`))
    }
    await this.during(Promise.all(this.nodes.map(({ ready }) => ready)))
    this.client = await connect({ links: open('client'), cluster: 'test', random })
  }

  async pass(durationMs: number): Promise<void> {
    const untilMs = this.heap.now() + durationMs
    for (await turn(); (this.heap.next() ?? untilMs) < untilMs; await turn()) {
      this.heap.runUntil(this.heap.next() ?? untilMs)
    }
  }

  async during<Value>(promise: Promise<Value>): Promise<Value> {
    let isPending = true
    const end = (): void => {
      isPending = false
    }
    promise.then(end, end)
    for (await turn(); isPending; await turn()) this.heap.runUntil(this.heap.next() ?? this.heap.now())
    return promise
  }

  async close(): Promise<void> {
    await this.client.close()
    await this.during(Promise.all(this.nodes.map((node) => node.close())))
    await this.during(Promise.all(this.#links.map((links) => links.close())))
  }
}

describe('A cluster in one process that is stopped', () => {
  const toEnd: OneProcess[] = []
  afterEach(() => Promise.all(toEnd.splice(0).map((process) => process.close())))

  async function stoppedWithWork(seed: number, clockOf: (clock: Clock) => Clock): Promise<OneProcess> {
    const process = new OneProcess(seed)
    await process.start(clockOf(process.stopped))
    toEnd.push(process)
    const { client, stopped } = process
    for (const id of ['one', 'two']) await process.during(client.submit('work', null, { id }))
    // In each run it falls somewhere else into the round of renewals.
    await process.pass(4_000 + seed * 97)
    process.states.length = 0
    stopped.stopFor(hourMs)
    await process.pass(300)
    stopped.stopFor(20_000)
    return process
  }

  for (const seed of [1, 2, 3]) {
    it(`K52 goes on as if nothing had been, in whichever order it finds what is late (seed ${seed})`, async () => {
      const process = await stoppedWithWork(seed, (clock) => new AwakeClock(clock, clock))
      const { client, ran, states } = process
      await process.pass(5_000)
      expect(
        states.filter((state) => /suspect|fenced|departed|reentering|claiming|leading/.test(state)),
      ).to.deep.equal([])
      expect(await process.during(client.result('one'))).to.equal('done')
      expect(ran).to.have.length(2)
    })
  }

  it('K29 a clock that counts the time of a stop fences all of it', async () => {
    const { states } = await stoppedWithWork(1, (clock) => clock)
    expect(states.some((state) => state.endsWith('fenced'))).to.equal(true)
  })
})
