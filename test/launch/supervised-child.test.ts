import { HeapClock } from '@covey/engine'
import { CoveyError, limits } from '@covey/protocol'
import { expect } from 'chai'
import type { ChildNode, NodeExit, NodePlan } from '../../packages/cli/src/launch/child-node.js'
import type { LaunchEvent } from '../../packages/cli/src/launch/launch-options.js'
import { countedEnds, restartDelayMs } from '../../packages/cli/src/launch/restart-policy.js'
import { SupervisedChild } from '../../packages/cli/src/launch/supervised-child.js'

const plan: NodePlan = {
  ...{ name: 'worker-1', roles: ['worker'], slots: 1, replicas: 1, workflows: [] },
  ...{ url: 'nats://127.0.0.1:1', cluster: 'main', logFolder: '/logs' },
}

/** A process that does what the test says. */
class FakeChild implements ChildNode {
  readonly name = plan.name
  readonly roles = plan.roles
  readonly pid: number
  readonly active: Promise<void>
  readonly exited: Promise<NodeExit>
  readonly heard: string[] = []
  readonly metricsUrl = undefined
  isLive = true
  takePart = (): void => undefined
  #end: (exit: NodeExit) => void = () => undefined
  #fail: (error: Error) => void = () => undefined

  constructor(pid: number) {
    this.pid = pid
    this.active = new Promise((resolve, reject) => {
      this.takePart = resolve
      this.#fail = reject
    })
    this.active.catch(() => undefined)
    this.exited = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  end(more: Partial<NodeExit> = {}): void {
    this.isLive = false
    this.#fail(new Error('ended'))
    const { name, roles, pid } = this
    const exit = {
      name,
      roles,
      pid,
      bootId: undefined,
      how: 'code 1',
      wanted: false,
      left: false,
      error: undefined,
    }
    this.#end({ ...exit, ...more })
  }

  leave(): void {
    this.heard.push('leave')
  }

  kill(signal: NodeJS.Signals): void {
    this.heard.push(signal)
    this.end({ how: signal })
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a child of covey up', () => {
  let clock: HeapClock
  let children: FakeChild[]
  let events: LaunchEvent[]
  let child: SupervisedChild
  let isRefused: boolean

  beforeEach(async () => {
    clock = new HeapClock()
    children = []
    events = []
    isRefused = false
    child = new SupervisedChild(plan, {
      clock,
      random: { next: () => 0.5, id: () => 'unused' },
      async startChild() {
        if (isRefused) throw new Error('no process can be made')
        const fake = new FakeChild(children.length + 1)
        children.push(fake)
        return fake
      },
      onExit: () => undefined,
      onEvent: (event) => events.push(event),
    })
    const started = child.start()
    await settled()
    children[0]?.takePart()
    await started
  })

  const kinds = (): string[] => events.map(({ kind }) => kind)
  const endNewest = async (more?: Partial<NodeExit>): Promise<void> => {
    children.at(-1)?.end(more)
    await settled()
  }
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms)
    await settled()
  }

  it('is started again when it ends unasked, after a wait', async () => {
    await endNewest()
    expect(events.at(-1)).to.deep.equal({ kind: 'node.restarting', name: 'worker-1', delayMs: 250 })
    await pass(249)
    expect([children.length, child.live]).to.deep.equal([1, undefined])
    await pass(1)
    children[1]?.takePart()
    await settled()
    expect(events.at(-1)).to.deep.equal({ kind: 'node.restarted', name: 'worker-1', pid: 2 })
    expect(child.live?.pid).to.equal(2)
  })

  it('stays down when it keeps ending, also before it takes part, and says so', async () => {
    for (let ends = 0; ends <= limits.childRestartsMax; ends += 1) {
      await endNewest()
      await pass(limits.childRestartDelayMaxMs)
    }
    expect(children).to.have.length(limits.childRestartsMax + 1)
    expect(events.at(-1)).to.include({ kind: 'node.abandoned' })
    await pass(limits.childRestartWindowMs)
    expect(children).to.have.length(limits.childRestartsMax + 1)
  })

  it('counts a process that cannot be made as one that has ended', async () => {
    isRefused = true
    await endNewest()
    for (let round = 0; round < 2 * limits.childRestartsMax; round += 1)
      await pass(limits.childRestartDelayMaxMs)
    expect(kinds().filter((kind) => kind === 'node.restarting')).to.have.length(limits.childRestartsMax)
    expect(kinds().at(-1)).to.equal('node.abandoned')
  })

  it('is not started again when it has left', async () => {
    await endNewest({ how: 'code 0', left: true })
    expect(kinds()).to.deep.equal(['node.started'])
  })

  it('stays down when its name belongs to another process now (K15)', async () => {
    await endNewest({ error: new CoveyError('superseded', 'another process has its name') })
    expect(kinds()).to.deep.equal(['node.started', 'node.abandoned'])
  })

  it('is started no more once it is dismissed while it waits', async () => {
    await endNewest()
    await child.dismiss()
    await pass(limits.childRestartDelayMaxMs)
    expect(children).to.have.length(1)
  })

  it('is killed, not asked, where it is dismissed before it takes part again', async () => {
    await endNewest()
    await pass(250)
    await child.dismiss()
    expect(children[1]?.heard).to.deep.equal(['SIGKILL'])
  })

  it('is killed where it does not leave in time', async () => {
    const dismissed = child.dismiss()
    await settled()
    expect(children[0]?.heard).to.deep.equal(['leave'])
    await pass(20_000)
    await dismissed
    expect(children[0]?.heard).to.deep.equal(['leave', 'SIGKILL'])
  })

  it('waits longer with every end within the window, by chance up to a bound, and not for ever', () => {
    const waits = Array.from({ length: limits.childRestartsMax }, (_, index) => restartDelayMs(index + 1, 1))
    expect(waits.slice(0, 3)).to.deep.equal([500, 1_000, 2_000])
    expect(Math.max(...waits.map(Number))).to.equal(limits.childRestartDelayMaxMs)
    expect(restartDelayMs(3, 0)).to.equal(0)
    expect(restartDelayMs(limits.childRestartsMax + 1, 1)).to.equal(undefined)
    expect(countedEnds([0, 1], limits.childRestartWindowMs)).to.deep.equal([1])
    expect(limits.childRestartsMax).to.be.above(limits.lostAttemptsMax)
  })
})
