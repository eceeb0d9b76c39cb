import { defaultLoad } from '@covey/actors'
import {
  classOfCommand,
  creditAt,
  faultOfThresholds,
  isShed,
  loadLevels,
  overloadMachine,
} from '@covey/machines'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { createActor } from 'xstate'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('the overload detector', () => {
  const detector = () => {
    const actor = createActor(overloadMachine, { input: { thresholds: [0.7, 0.85, 0.95] } }).start()
    return (...fills: number[]): string => {
      for (const fill of fills) actor.send({ type: 'load.measured', fill, cause: 'queue' })
      return actor.getSnapshot().value
    }
  }

  it('H19 goes up at once to the level that the load reaches', () => {
    const levels = [0.69, 0.7, 0.84, 0.85, 0.94, 0.95, 20].map((fill) => detector()(fill))
    expect(levels).to.deep.equal(['calm', 'busy', 'busy', 'stressed', 'stressed', 'overloaded', 'overloaded'])
  })

  it('H19 comes down one level at a time, when the load has stayed well below', () => {
    const measure = detector()
    expect(measure(1, 0.86, 0.86, 0.86, 0.86), 'not below the threshold by far enough').to.equal('overloaded')
    expect(measure(0.5, 0.5), 'not long enough').to.equal('overloaded')
    expect(measure(0.5)).to.equal('stressed')
    expect(measure(0.5, 0.5, 0.5)).to.equal('busy')
    expect(measure(0.5, 0.5, 0.5)).to.equal('calm')
  })

  it('S-D6 what was counted before a level was left, or before the load rose again, counts no more', () => {
    const measure = detector()
    expect(measure(0.72, 0.1, 0.1, 0.66, 0.1, 0.1), 'one look between').to.equal('busy')
    expect(measure(0.86, 0.1, 0.1, 0.1), 'down from stressed').to.equal('busy')
    expect(measure(0.1, 0.1), 'the looks of stressed are not those of busy').to.equal('busy')
    expect(measure(0.1)).to.equal('calm')
    expect(measure(0.72, 0.1, 0.1), 'entered again').to.equal('busy')
  })

  it('S-D4 thresholds that do not ascend are refused with their values', () => {
    expect(faultOfThresholds([0.7, 0.85, 0.95])).to.equal(undefined)
    expect(faultOfThresholds(limits.loadThresholds)).to.equal(undefined)
    expect(faultOfThresholds([0.85, 0.7, 0.95])).to.equal('0.85, 0.7, 0.95 do not ascend')
    expect(faultOfThresholds([0.7, 0.7, 0.95])).to.include('do not ascend')
    expect(faultOfThresholds([0, 0.7, 0.95])).to.include('not all above 0')
    expect(faultOfThresholds([0.7, 0.8, Number.NaN])).to.include('NaN')
    expect(faultOfThresholds([0.7, 0.8, 1.1])).to.include('1.1')
    expect(faultOfThresholds([0.7, 0.8])).to.include('not 3')
  })

  it('S-D4 accepts three shares only where they ascend', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { maxLength: 4 }), (values) => {
        const [first = 0, second = 0, third = 0] = values
        const isGood = values.length === 3 && first < second && second < third
        expect(faultOfThresholds(values) === undefined).to.equal(isGood)
      }),
    )
  })

  it('H19 lists are refused first, then new work; cancels, results, status and started jobs never', () => {
    const chunk = (index: number) => ({ type: 'job.submit' as const, chunk: { index } })
    const refused = (command: Parameters<typeof classOfCommand>[0]): string[] =>
      loadLevels.filter((level) => isShed(classOfCommand(command), level))
    expect(refused({ type: 'job.list' })).to.deep.equal(['busy', 'stressed', 'overloaded'])
    expect(refused({ type: 'job.get', after: 0 })).to.deep.equal(['busy', 'stressed', 'overloaded'])
    expect(refused(chunk(0))).to.deep.equal(['overloaded'])
    const controls = [chunk(1), { type: 'job.cancel' as const }, { type: 'result.get' as const }]
    const states = [{ type: 'status.get' as const }, { type: 'job.get' as const, after: 100_000 }]
    for (const command of [...controls, ...states]) expect(refused(command), command.type).to.deep.equal([])
  })

  it('S-D3 gives clients the less credit, the higher the level', () => {
    expect(loadLevels.map(creditAt)).to.deep.equal([undefined, 256, 64, 16])
  })
})

describe('a manager under load', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    const share = 1 / limits.logQueueEventsMax
    scene.world.load = { ...defaultLoad, thresholds: [2 * share, 3 * share, 4 * share] }
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const level = (): string => scene.world.find('m1').part.level()
  const list = () => scene.client.command({ type: 'job.list', after: 0 })

  /** Nothing reaches the log, while so many new jobs wait for it. */
  const stall = async (jobs: number): Promise<void> => {
    scene.world.broker.faults.lostWrite = 1
    for (let index = 0; index <= jobs; index += 1) void scene.client.submit(`waiting-${index}`)
    await scene.world.run(1_100)
  }

  it('H19 refuses new work with the time to come again, and takes every cancel and result', async () => {
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('running'))
    const { token, workflow } = await scene.dispatch(worker)
    await stall(5)
    expect(level()).to.equal('overloaded')
    const refused = await scene.settled(scene.client.submit('late'))
    expect(refused).to.deep.include({ type: 'error', afterMs: limits.loadHintMs })
    expect(refused?.type === 'error' && refused.error).to.include({ code: 'overloaded' })
    expect(await scene.settled(list())).to.deep.include({ type: 'error', afterMs: limits.loadHintMs })
    const cancelled = scene.client.cancel('running')
    worker.report({ kind: 'cancelled', token, workflow, credits: [9] })
    await scene.world.run(100)
    scene.world.broker.faults.lostWrite = 0
    expect(await scene.settled(cancelled)).to.have.property('type', 'cancelled')
    await scene.world.until('the word', () => worker.logged.includes(token))
    expect(await scene.stateOf('running/main')).to.equal('cancelled')
    const { figures } = scene.world.find('m1').part.read()[0] ?? {}
    expect(figures?.shed.list).to.equal(1)
    expect(figures?.shed.submit).to.be.within(1, 3)
  })

  it('H19 takes new work again when it has been well for a while, and says how loaded it is', async () => {
    await scene.worker('w1', 1)
    await stall(5)
    scene.world.broker.faults.lostWrite = 0
    const shown = async (): Promise<unknown> => {
      const status = await scene.settled(scene.client.command({ type: 'status.get' }))
      return status?.type === 'status' ? status.shards[0]?.level : undefined
    }
    await scene.world.run(1_000)
    expect(await shown()).to.equal('overloaded')
    await scene.world.run(3 * limits.loadReliefLooks * limits.loadLookMs)
    expect(await shown()).to.equal('calm')
    expect(await scene.settled(scene.client.submit('later', [step('main')]))).to.have.property(
      'type',
      'submitted',
    )
    expect(await scene.settled(list())).to.have.property('type', 'jobs')
  })
})
