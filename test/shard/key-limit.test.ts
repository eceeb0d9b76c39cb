import type { ShardState } from '@covey/actors'
import type { Policy, Step } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { FoldedLog, work } from './folded-log.js'
import { randomMove } from './random-moves.js'
import { step } from './scripted-client.js'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const keyed = (name: string, key: string): Step => ({ ...step(name), demand: { key } })

const held: ReadonlySet<string> = new Set(['assigned', 'running', 'cancelling', 'fencing'])
/** Counted anew from the records, and not read off the figure that is to be shown. */
const heldBy = ({ workflows }: ShardState, key: string): number =>
  [...workflows.values()].filter(({ key: its, snapshot }) => its === key && held.has(snapshot.value)).length

describe('limit of a key', () => {
  it('law: no log, whatever it says, holds more attempts of a key than the policy of each assignment allows', () => {
    const move = fc.tuple(fc.integer({ min: 0, max: 8 }), fc.nat(4))
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), fc.integer({ min: 1, max: 2 }), (moves, keyLimit) => {
        const log = new FoldedLog()
        const names = ['a', 'b', 'c', 'd', 'e']
        log.submit(
          'job',
          names.map((name) => ({ ...work(name), demand: { key: 'k' } })),
        )
        const tokens = names.map(() => '1.1.1.0')
        for (const [kind, index] of moves) {
          const workflow = `job/${names[index]}`
          tokens[index] =
            kind === 0
              ? log.assign(workflow, 'w1', { keyLimit })
              : randomMove(log, kind, tokens[index] ?? '', workflow)
          const count = heldBy(log.state, 'work k')
          expect(count).to.be.at.most(keyLimit)
          expect(log.state.heldKeys.get('work k') ?? 0).to.equal(count)
        }
      }),
      { numRuns: 150, seed: 20_261_122 },
    )
  })

  it('is of one key of one workflow: others run beside it', () => {
    const log = new FoldedLog()
    log.submit('job', [
      { ...work('a'), demand: { key: 'k' } },
      { ...work('b'), demand: { key: 'k' } },
      { ...work('c'), demand: { key: 'other' } },
      work('d'),
      { ...work('e'), name: 'more', demand: { key: 'k' } },
    ])
    for (const name of ['a', 'b', 'c', 'd', 'e']) log.assign(`job/${name}`, 'w1', { keyLimit: 1 })
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => log.stateOf(`job/${name}`))).to.deep.equal([
      'assigned',
      'queued',
      'assigned',
      'assigned',
      'assigned',
    ])
  })
})

describe('limit of a key at a leader', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  const limited: Partial<Policy> = { keyLimit: 1 }
  const submit = (job: string, ...steps: Step[]) => scene.settled(scene.client.submit(job, steps))
  const given = (worker: ScriptedWorker): string[] => worker.dispatches.map(({ workflow }) => workflow)

  it('lets other keys go, and the next of a key when one has ended', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4, limited)
    await submit('job', ...['a1', 'a2', 'a3'].map((name) => keyed(name, 'a')), keyed('b1', 'b'))
    const first = await scene.dispatch(worker, 1)
    expect(given(worker)).to.have.members(['job/a1', 'job/b1'])
    await submit('late', keyed('c1', 'c'))
    expect((await scene.dispatch(worker, 2)).workflow).to.equal('late/c1')
    const [ended] = worker.dispatches.filter(({ workflow }) => workflow === 'job/a1')
    worker.complete(ended ?? first, 1)
    expect((await scene.dispatch(worker, 3)).workflow).to.equal('job/a2')
    await scene.world.run(500)
    expect(given(worker)).to.have.length(4)
  })

  it('counts what is being cancelled until its worker says that nothing of it runs', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 4, limited)
    await submit('one', keyed('a', 'k'))
    const { token, workflow } = await scene.dispatch(worker)
    await submit('two', keyed('a', 'k'))
    await scene.settled(scene.client.cancel('one'))
    await scene.world.run(3_000)
    expect(await scene.stateOf('one/a')).to.equal('cancelling')
    expect(given(worker)).to.deep.equal(['one/a'])
    worker.report({ kind: 'cancelled', token, workflow, credits: [] })
    expect((await scene.dispatch(worker, 1)).workflow).to.equal('two/a')
  })

  it('counts what a lost worker may still run until its lease is over, also over a change of leader', async () => {
    await scene.lead('m1')
    const [lost, other] = [await scene.worker('w1', 1, limited), await scene.worker('w2', 0, limited)]
    await submit('one', keyed('a', 'k'))
    await scene.dispatch(lost)
    other.credits = [1, 2]
    await scene.settled(other.renew())
    await submit('two', keyed('a', 'k'))
    lost.crash()
    scene.world.members.end('w1', 'crashed')
    await scene.world.run(500)
    expect(await scene.stateOf('one/a')).to.equal('fencing')
    scene.world.manager('m2')
    await scene.world.run(500)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
    await scene.settled(other.renew())
    await scene.world.run(3_000)
    expect(await scene.stateOf('one/a')).to.equal('fencing')
    expect(given(other)).to.deep.equal([])
    await scene.world.run(8_000)
    await scene.settled(other.renew())
    await scene.dispatch(other)
    await scene.world.run(1_000)
    expect(given(other)).to.have.length(1)
  })
})
