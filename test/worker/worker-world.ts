import {
  createWorkerPart,
  type Environment,
  type HostedWorkflow,
  type Notice,
  type WorkerPart,
} from '@covey/actors'
import { type ActorFailure, createActorSystem, type HeapClock } from '@covey/engine'
import { createSubjects, singleServerTimings } from '@covey/protocol'
import { type Clock, type Links, type MemoryBroker, seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { stillMemoryBroker } from '../transport/memory-world.js'
import { FakeLeader } from './fake-leader.js'

/** A worker `w1` of one shard on a memory broker in virtual time, and leaders beside it. */
export interface WorkerWorld {
  readonly broker: MemoryBroker
  readonly clock: HeapClock
  readonly links: Links
  readonly part: WorkerPart
  readonly notices: Notice[]
  readonly env: Environment
  /** Milliseconds by which the worker's clock is ahead of its timers: time in which the process was stopped. */
  readonly stopped: { monotonicMs: number; wallMs: number }
  pass(durationMs: number): Promise<void>
  /** A leader of this epoch that hears the worker from now on. */
  lead(epoch: number, streamEpoch?: number): FakeLeader
  /** Closes all, and fails where a timer, a subscription or an error is left. */
  close(): Promise<void>
}

/** What a world is made of. */
export interface WorldOptions {
  readonly workflows: readonly HostedWorkflow[]
  readonly slots?: number
}

/** Opens and activates the worker. */
export async function makeWorkerWorld({ workflows, slots = 2 }: WorldOptions): Promise<WorkerWorld> {
  const { broker, clock, pass } = stillMemoryBroker()
  const stopped = { monotonicMs: 0, wallMs: 0 }
  const failures: ActorFailure[] = []
  const notices: Notice[] = []
  const subjects = createSubjects('test')
  const links = broker.open('w1')
  const leaderLinks = broker.open('m1')
  const armed = new Set<unknown>()
  const late: Clock = {
    now: () => clock.now() + stopped.monotonicMs,
    setTimeout(callback, delayMs) {
      const fire = (): void => {
        armed.delete(timer)
        callback()
      }
      const timer = clock.setTimeout(fire, delayMs)
      armed.add(timer)
      return timer
    },
    clearTimeout(timer) {
      armed.delete(timer)
      clock.clearTimeout(timer)
    },
  }
  const system = createActorSystem({
    node: 'w1',
    clock: late,
    onActorError: (failure) => failures.push(failure),
  })
  const env: Environment = {
    system,
    links,
    subjects,
    clock: late,
    random: seededRandom(1),
    timings: singleServerTimings,
    notice: (notice) => notices.push(notice),
  }
  const wallNow = (): number => late.now() + stopped.wallMs
  const part = createWorkerPart(env, { shards: 1, slots, workflows, wallNow })
  const leaders: FakeLeader[] = []
  part.open({ nodeId: 'w1', generation: 1, bootId: 'boot' })
  return {
    broker,
    clock,
    links,
    part,
    notices,
    env,
    stopped,
    pass,
    lead(epoch, streamEpoch = 1) {
      const leader = new FakeLeader(leaderLinks, subjects, epoch, streamEpoch)
      leaders.push(leader)
      return leader
    },
    async close() {
      part.close()
      expect(armed.size).to.equal(0)
      for (const leader of leaders) leader.close()
      await pass(2_000)
      const closing = Promise.all([links.close(), leaderLinks.close()])
      await pass(2_000)
      await closing
      expect(failures).to.deep.equal([])
      expect(system.addresses()).to.deep.equal([])
      expect(broker.interests).to.equal(0)
      expect(clock.size).to.equal(0)
    },
  }
}

/** A world whose worker is active and has been opened and granted by a leader of epoch 1. */
export async function makeLedWorld(
  options: WorldOptions,
): Promise<WorkerWorld & { readonly leader: FakeLeader }> {
  const world = await makeWorkerWorld(options)
  const leader = world.lead(1)
  await world.pass(10)
  world.part.activate()
  await world.pass(20)
  return { ...world, leader }
}
