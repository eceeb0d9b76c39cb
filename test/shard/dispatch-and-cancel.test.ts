import { type Answer, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { Executions } from '../scenario/executions.js'
import { Gate } from './gate.js'
import { RunningWorker } from './running-worker.js'
import { ShardScene } from './shard-scene.js'

const runMs = 20
/** More than all that follows from one frame takes, before the next one is chosen. */
const turnMs = 2
const settledMs = 100

/** Walks through all ways to choose, again and again from the start: the last choice that can be another one is. */
class Choices {
  #made: { taken: number; of: number }[] = []
  #next = 0

  pick(of: number): number {
    const known = this.#made[this.#next]
    if (known === undefined) this.#made.push({ taken: 0, of })
    this.#next += 1
    return Math.min(known?.taken ?? 0, of - 1)
  }

  /** Begins the next way; false when all have been walked. */
  advance(): boolean {
    this.#made.length = Math.min(this.#made.length, this.#next)
    this.#next = 0
    for (let last = this.#made.at(-1); last !== undefined; last = this.#made.at(-1)) {
      last.taken += 1
      if (last.taken < last.of) return true
      this.#made.pop()
    }
    return false
  }
}

describe('S-F11 dispatch and cancel (paragraph 28)', function () {
  this.timeout(60_000)
  let scene: ShardScene
  let gate: Gate
  let ran: Executions
  let worker: RunningWorker

  beforeEach(async () => {
    scene = new ShardScene(1, { latencyMinMs: 0.1, latencyMaxMs: 0.1 })
    gate = new Gate()
    ran = new Executions()
    scene.world.manager('m1', 1, (links) => gate.wrap(links, { run: 'run', cancel: 'cancel' }))
    await scene.leader()
    worker = new RunningWorker(scene.world, ran, 'w1', 1, (links) => gate.wrap(links, { command: 'report' }))
    await scene.world.run(3_000)
  })
  afterEach(async () => {
    await worker.close()
    await scene.close()
  })

  const submit = (job: string) =>
    scene.client.submit(job, [
      { step: 'main', name: 'work', input: packValue({ ms: runMs, fails: false }), after: [] },
    ])
  const cancel = (job: string) =>
    scene.client.command({ type: 'job.cancel', job, reason: 'no longer needed' }, 20_000)

  /** Everything that can come next: the cancel, any frame under way, and with a fault left its loss or its copy. */
  function movesOf(mayFail: boolean, mayCancel: boolean, doCancel: () => void, fail: () => void) {
    const moves: (() => void)[] = mayCancel ? [doCancel] : []
    const without = (index: number) => gate.held.splice(index, 1)[0]
    gate.held.forEach((frame, index) => {
      moves.push(() => without(index)?.pass())
      if (!mayFail) return
      moves.push(() => {
        fail()
        without(index)?.lose()
      })
      if (frame.label === 'acknowledgement') return
      moves.push(() => {
        fail()
        frame.pass()
      })
    })
    return moves
  }

  /** One way through the life of a job that is cancelled at some point of it; resolves with the answer to the cancel. */
  async function walk(job: string, faults: number, choices: Choices): Promise<Answer | undefined> {
    let left = faults
    let hasWaited = false
    let answer: Promise<Answer | undefined> | undefined
    gate.close(faults === 0 ? undefined : 'acknowledgement')
    const submitted = submit(job)
    await scene.world.run(turnMs)
    // Nothing is under way while the function runs: the cancel may come now, or after it has ended.
    const mayWait = (): boolean => gate.held.length === 0 && answer === undefined && !hasWaited
    const wait = (): void => {
      hasWaited = true
    }
    for (;;) {
      const moves = movesOf(
        left > 0,
        answer === undefined,
        () => {
          answer = cancel(job).finally(() => gate.letPass('acknowledgement'))
        },
        () => {
          left -= 1
        },
      )
      if (mayWait()) moves.push(wait)
      if (moves.length === 0) break
      moves[choices.pick(moves.length)]?.()
      await scene.world.run(gate.held.length === 0 && hasWaited ? runMs : turnMs)
    }
    gate.open()
    await scene.settled(submitted, 20_000)
    return answer && scene.settled(answer, 20_000)
  }

  async function expectOneEnd(job: string, answer: Answer | undefined): Promise<string> {
    const id = `${job}/main`
    const isOver = (): boolean => scene.client.outcomes.some((outcome) => outcome.id === id)
    await scene.world.until(`the end of ${job}`, isOver, 30_000)
    const outcome = answer?.type === 'cancelled' ? answer.outcomes[0]?.outcome : answer?.type
    const ends = scene.client.outcomes.filter((one) => one.id === id).map(({ state }) => state)
    const end = outcome === 'ALREADY_COMPLETED' ? 'completed' : 'cancelled'
    expect([...new Set(ends)], `${job} was answered ${outcome}`).to.deep.equal([end])
    const executions = ran.of(id)
    expect(executions.length, `executions of ${job}`).to.be.at.most(1)
    if (outcome === 'PENDING_CANCELLED') expect(executions).to.deep.equal([])
    const endMs = scene.world.clock.now()
    for (const execution of executions) expect(execution.endMs, `${job} runs on`).to.be.at.most(endMs)
    // Until its slot is free, so that every way begins alike.
    await scene.world.run(settledMs)
    scene.client.outcomes.length = 0
    return String(outcome)
  }

  for (const faults of [0, 1]) {
    it(`end once at every interleaving with ${faults} frames lost or doubled, and give their slots back`, async () => {
      const choices = new Choices()
      const answers = new Map<string, number>()
      let ways = 0
      do {
        const job = `job-${ways++}`
        const answer = await expectOneEnd(job, await walk(job, faults, choices))
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      } while (choices.advance())
      expect(ways).to.be.at.least(faults === 0 ? 30 : 100)
      expect([...answers.keys()]).to.include.members(['CANCELLED', 'ALREADY_COMPLETED'])
      await scene.world.run(10_000)
      const both = ['last-1', 'last-2']
      await scene.settled(Promise.all(both.map(submit)))
      await scene.world.until('both slots', () => both.every((job) => ran.of(`${job}/main`).length === 1))
    })
  }
})
