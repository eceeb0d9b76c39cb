import { expect } from 'chai'
import type { AnyWorkflow, CoveyError, StatisticsWindow } from 'covey'
import { isAlive } from '../../packages/cli/src/cluster-file.js'
import { rejection } from '../covey/client-world.js'
import { eventually } from '../transport/transport-world.js'
import { type IsolatedNode, startIsolated } from './isolated-node.js'

interface Told {
  readonly pid: number
  readonly calls: number
  readonly heapMb: number
  readonly isMainThread: boolean
}

describe('An isolated workflow', function () {
  this.timeout(40_000)
  let world: IsolatedNode
  before(async () => {
    const fixture = new URL('./workflows.fixture.mjs', import.meta.url).href
    const workflows: Record<string, AnyWorkflow> = await import(fixture)
    world = await startIsolated(Object.values(workflows))
  })
  after(() => world.close())

  const submit = async (name: string, input?: unknown) => world.client.submit(name, input)
  const failing = async (name: string, input?: unknown): Promise<CoveyError> =>
    rejection((await submit(name, input)).result()) as Promise<CoveyError>

  for (const isolation of ['thread', 'process'] as const) {
    it(`is given the same in a ${isolation} as inline`, async () => {
      const job = await submit(`tell-${isolation}`, { bytes: new Uint8Array([1, 2]), at: new Date(5) })
      const told = (await job.result()) as Told
      expect(told).to.deep.include({
        input: { bytes: new Uint8Array([1, 2]), at: new Date(5) },
        ...{ results: {}, attempt: 1, node: 'n1', step: 'main' },
        isMainThread: isolation === 'process',
      })
      expect(told.pid === process.pid).to.equal(isolation === 'thread')
    })

    it(`is run by the same ${isolation} when that is free, and by another one when it is not`, async () => {
      const jobs = await Promise.all([1, 2].map(() => submit(`tell-${isolation}`)))
      const told = (await Promise.all(jobs.map((job) => job.result()))) as Told[]
      const next = (await (await submit(`tell-${isolation}`)).result()) as Told
      expect(Math.max(...told.map(({ calls }) => calls), 0) + next.calls).to.be.greaterThan(3)
    })

    it(`has its schemas checked in a ${isolation}`, async () => {
      expect(await (await submit(`double-${isolation}`, 21)).result()).to.equal(42)
      expect(await failing(`double-${isolation}`, 'x')).to.include({ code: 'invalid_input' })
      expect(await failing(`double-${isolation}`, 60)).to.include({ code: 'invalid_output' })
    })

    it(`fails in a ${isolation} with what it has thrown`, async () => {
      const { code, message, cause } = await failing(`fail-${isolation}`, 'throws')
      expect(code).to.equal('workflow_failed')
      expect(message).to.match(/attempt 1 on n1: TypeError: no such thing$/)
      expect(cause).to.include({ name: 'TypeError', message: 'no such thing' })
      expect(cause).to.have.property('stack').that.includes('workflows.fixture.mjs')
      expect(cause).to.have.nested.property('cause.message', 'below')
      expect(await failing(`fail-${isolation}`, 'refuses')).to.include({
        ...{ code: 'invalid_input', mend: 'name a day' },
      })
      const circles = await failing(`fail-${isolation}`, 'circles')
      expect(circles).to.have.property('code', 'invalid_output')
      expect(circles.message).to.include('a value within itself at ')
      expect(await (await submit(`fail-${isolation}`, 'floods')).result()).to.have.property('length', 300_000)
    })

    it(`takes nobody along where it exits, throws past its function or uses up its memory in a ${isolation}`, async () => {
      const exits = await failing(`fail-${isolation}`, 'exits')
      expect(exits).to.include({ code: 'host_ended', retryable: true })
      expect(exits.message).to.match(new RegExp(`the ${isolation} of the function ended: exit code 3$`))
      const strays = await failing(`fail-${isolation}`, 'strays')
      expect(strays).to.include({ code: 'host_ended' })
      expect(strays.message).to.match(/an error was thrown outside the function: SyntaxError: past it$/)
      expect(strays.cause).to.have.property('stack').that.includes('workflows.fixture.mjs')
      if (isolation === 'thread') {
        // A process that runs out of memory writes many lines to stderr and ends as one that is killed.
        const { message } = await failing('fail-thread', 'starves')
        expect(message).to.match(/the thread of the function ended: it ran out of memory$/)
      }
      const told = (await (await submit(`tell-${isolation}`)).result()) as Told
      expect(told.heapMb).to.be.within(48, 200)
    })

    it(`counts in a ${isolation} as inline: to its last word, while it runs, and nothing where it is cancelled`, async () => {
      const told = (windows: readonly StatisticsWindow[]) =>
        windows.map((row) => [row.name, row.kind === 'histogram' ? row.count : row.value])
      const broken = await submit(`count-${isolation}`, 1_000)
      expect(await rejection(broken.result()))
        .to.have.property('message')
        .that.includes('no name of statistics')
      const windows = await broken.statistics()
      const sums = new Map<string, number>()
      for (const [name, value] of told(windows))
        sums.set(String(name), (sums.get(String(name)) ?? 0) + Number(value))
      // The wall clock may have begun a window meanwhile.
      expect([...sums]).to.have.deep.members([
        ['done', 1_000],
        ['ms', 1_000],
        ['left', 0],
      ])
      const stopped = await submit(`count-${isolation}`, 5)
      let last: readonly StatisticsWindow[] = []
      stopped.statistics$.subscribe((all) => {
        last = all
      })
      await eventually('it is seen to count', () => last.some(({ name }) => name === 'left'))
      await stopped.cancel()
      await stopped.ended()
      expect(await stopped.statistics()).to.deep.equal([])
    })

    it(`H17 is given more time in a ${isolation} where it has made progress, and told why not where it has not`, async () => {
      expect(await (await submit(`extend-${isolation}`)).result()).to.deep.equal([
        { grantedMs: 1_000 },
        { grantedMs: 0, reason: 'no progress was reported since it was last extended' },
        { grantedMs: 15_000 },
        { grantedMs: 0, reason: 'it is being asked for already' },
      ])
    })

    it(`hears of its cancel in a ${isolation}, with the reason`, async () => {
      const job = await submit(`obey-${isolation}`)
      const seen: unknown[] = []
      job.progress$.subscribe(({ value }) => seen.push(value))
      await eventually('it waits', () => seen.includes('waits'))
      await job.cancel({ reason: 'seen enough' })
      expect(await rejection(job.result())).to.have.property('code', 'workflow_cancelled')
      await eventually('it has heard', () => seen.length > 1)
      expect(seen.at(-1)).to.include({ code: 'workflow_cancelled' })
      expect(seen.at(-1)).to.have.property('message').that.includes('seen enough')
    })
  }

  it('is ended by its cancel and by its timeout where it never returns, and tells its progress until then', async () => {
    const states: string[] = []
    world.node.transitions({ kind: 'attempt' }).subscribe(({ to }) => states.push(to))
    const spins = await Promise.all(['spin-thread', 'spin-process'].map((name) => submit(name)))
    const short = await submit('short-thread')
    const turns = new Map<string, { pid: number; turn: number }>()
    for (const job of spins) {
      job.progress$.subscribe(({ value }) => turns.set(job.id, value as { pid: number; turn: number }))
    }
    await eventually('both move', () => spins.every(({ id }) => (turns.get(id)?.turn ?? 0) > 0))
    const spinningPid = turns.get(spins[1]?.id ?? '')?.pid ?? 0
    expect(isAlive(spinningPid)).to.equal(true)
    await Promise.all(spins.map((job) => job.cancel()))
    const ends = await Promise.all([...spins, short].map((job) => rejection(job.result())))
    expect(ends.map((error) => (error as CoveyError).code)).to.deep.equal([
      'workflow_cancelled',
      'workflow_cancelled',
      'workflow_timeout',
    ])
    // On a busy machine the time of the third may be over before its thread has begun: there is nothing to end then.
    await eventually(
      'both that moved were ended',
      () => states.filter((state) => state === 'ending').length >= 2,
    )
    expect(isAlive(spinningPid)).to.equal(false)
  })

  it('leaves no thread and no process behind when its node is closed', async () => {
    const { client, node } = world
    const spins = await Promise.all(['loop-thread', 'loop-process'].map((name) => submit(name)))
    const pids: number[] = []
    for (const { progress$ } of spins) {
      progress$.subscribe(({ value }) => pids.push((value as { pid: number }).pid))
    }
    await eventually('both move', () => new Set(pids).size === 2)
    await node.close()
    expect(pids.filter((pid) => pid !== process.pid && isAlive(pid))).to.deep.equal([])
    expect(process.getActiveResourcesInfo()).to.not.include('MessagePort')
    await client.close()
  })
})
