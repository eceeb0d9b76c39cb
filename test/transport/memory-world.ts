import { HeapClock } from '@covey/engine'
import {
  type Clock,
  createMemoryBroker,
  type MemoryBroker,
  type MemoryFaults,
  type Stop,
  seededRandom,
  systemClock,
} from '@covey/transport'
import type { TransportWorld } from './transport-world.js'

/** Runs virtual time as fast as the event loop turns: one due time a turn, so that promises keep up with timers. */
function driveClock(clock: HeapClock): Stop {
  let isDriving = true
  const turn = (): void => {
    if (!isDriving) return
    clock.runUntil(clock.next() ?? clock.now())
    setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    isDriving = false
  }
}

const worldOf = (broker: MemoryBroker, cluster: string, onClose: () => void): TransportWorld => {
  const opened: ReturnType<MemoryBroker['open']>[] = []
  return {
    cluster,
    async open(name) {
      const links = broker.open(name)
      opened.push(links)
      return links
    },
    async stopBroker() {
      broker.stop()
    },
    async startBroker() {
      broker.start()
    },
    async close() {
      await Promise.all(opened.map((links) => links.close()))
      onClose()
    },
  }
}

/** The memory broker as it is used without a simulator: over the machine's clock. */
export async function makeRealMemoryWorld(): Promise<TransportWorld> {
  const faults = { redialMinMs: 2, redialMaxMs: 20 }
  const broker = createMemoryBroker({ clock: systemClock, random: seededRandom(7), cluster: 'test', faults })
  return worldOf(broker, 'test', () => undefined)
}

/** The memory broker under virtual time, with latencies of their own for every message. */
export async function makeVirtualMemoryWorld(): Promise<TransportWorld> {
  const { broker, stop } = driveMemoryBroker()
  return worldOf(broker, 'test', stop)
}

/** A memory broker, its clock, and the drive that must be stopped. */
interface DrivenBroker {
  readonly broker: MemoryBroker
  readonly clock: Clock & HeapClock
  readonly stop: Stop
}

/** Makes a memory broker under a virtual clock that runs by itself. */
function driveMemoryBroker(faults: Partial<MemoryFaults> = {}): DrivenBroker {
  const clock = new HeapClock()
  const latencies = { latencyMinMs: 0.05, latencyMaxMs: 1 }
  const options = { clock, random: seededRandom(7), cluster: 'test', faults: { ...latencies, ...faults } }
  return { broker: createMemoryBroker(options), clock, stop: driveClock(clock) }
}

/** Moves virtual time on, with a turn of the event loop after each due time, so that promises keep up with timers. */
async function passTime(clock: HeapClock, durationMs: number): Promise<void> {
  const endMs = clock.now() + durationMs
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  await turn()
  for (let dueMs = clock.next(); dueMs !== undefined && dueMs <= endMs; dueMs = clock.next()) {
    clock.runUntil(dueMs)
    await turn()
  }
  clock.runUntil(endMs)
}

/** A memory broker in virtual time that stands still until `pass` moves it. */
export function stillMemoryBroker(faults: Partial<MemoryFaults> = {}, seed = 7) {
  const clock = new HeapClock()
  const hop = { latencyMinMs: 1, latencyMaxMs: 1 }
  const options = { clock, random: seededRandom(seed), cluster: 'test', faults: { ...hop, ...faults } }
  return {
    broker: createMemoryBroker(options),
    clock,
    pass: (durationMs: number): Promise<void> => passTime(clock, durationMs),
  }
}

/** What a promise has come to by now. */
interface Seen<Value> {
  outcome: Value | undefined
}

/** Watches a promise without awaiting it. */
export function see<Value>(promise: Promise<Value>): Seen<Value> {
  const seen: Seen<Value> = { outcome: undefined }
  void promise.then((outcome) => {
    seen.outcome = outcome
  })
  return seen
}
