import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createSubjects, reportMessage, singleServerTimings } from '@covey/protocol'
import { connectLinks, type Links } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, type RunningNode, startNode } from 'covey'
import { eventually } from '../transport/transport-world.js'
import { freshCluster, linksOptions, useBroker } from './nats-world.js'

/** With the relations of one server, and time enough that a machine which is busy itself blocks nobody past it. */
const timings = { ...singleServerTimings, workerSelfFenceMs: 3_200, workerLeaseMs: 4_600 }

/** What a generation of the worker says of attempts, where a command to the leader is such a report. */
function wordsOf(generation: number, frame: Uint8Array): string[] {
  try {
    const said = reportMessage.decode(frame)
    return said.generation === generation ? said.reports.map(({ kind }) => kind) : []
  } catch {
    // It is another command.
    return []
  }
}

describe('a node in a process of its own', function () {
  this.timeout(40_000)
  const broker = useBroker()
  const cluster = freshCluster()
  const observers: RunningNode[] = []
  const states: string[] = []
  const said: string[] = []
  let worker: ChildProcess
  let client: Client
  let links: Links

  before(async () => {
    await broker.start()
    for (const name of ['m1', 'm2']) {
      const options = {
        server: broker.url,
        cluster,
        name,
        roles: ['manager'],
        logger: 'silent',
        timings,
      } as const
      observers.push(await startNode(options))
    }
    for (const { transitions } of observers) {
      transitions({ actor: 'peer.w' }).subscribe(({ to }) => states.push(to))
    }
    const fixture = fileURLToPath(new URL('./blocked-node.fixture.mjs', import.meta.url))
    const args = [fixture, broker.url, cluster, JSON.stringify(timings)]
    worker = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [worker.stdout, worker.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => said.push(line))
    }
    links = await connectLinks({ ...linksOptions(broker.url, cluster, 'c'), shards: 1 })
    client = await connect({ links, cluster })
    await eventually('it is active', () => observers.every((node) => seenBy(node) === 'active 1'), 20_000)
  })
  after(async () => {
    worker.kill('SIGKILL')
    await client.close()
    await links.close()
    await Promise.all(observers.map((node) => node.close()))
  })

  let members: readonly { nodeId: string; state: string; generation: number; busy?: true }[] = []
  const seenBy = (node: RunningNode): string => {
    node.members$.subscribe((all) => (members = all)).unsubscribe()
    const seen = members.find(({ nodeId }) => nodeId === 'w')
    return `${seen?.state} ${seen?.generation}${seen?.busy ? ' busy' : ''}`
  }
  const isSeen = (what: string): boolean => observers.every((node) => seenBy(node) === what)
  const hasSaid = (what: string): boolean => said.includes(what)

  /** What it was seen as, by whom, while a workflow blocked its event loop. */
  const seenWhileBlocked = async (): Promise<readonly string[]> => {
    states.length = 0
    const job = await client.submit('block', { ms: 1_700 })
    await eventually('it is busy', () => isSeen('active 1 busy'))
    await job.result()
    await eventually('it is well again', () => isSeen('active 1'))
    return [...states]
  }

  it('K28 is busy and never suspect while a workflow blocks its event loop', async () => {
    // A machine that is itself too busy may keep the thread from its answer, but not each time.
    const spells: (readonly string[])[] = []
    while (spells.length < 4 && (spells.at(-1) ?? ['suspect']).includes('suspect')) {
      spells.push(await seenWhileBlocked())
    }
    expect(spells.at(-1), JSON.stringify(spells)).to.not.include('suspect')
    expect(spells.flat()).to.not.include('departed')
  })

  it('A18 K29 is suspect soon when it is stopped, and fences itself first when it goes on', async () => {
    await client.submit('wait', null)
    await eventually('it waits', () => hasSaid('waits'))
    worker.kill('SIGSTOP')
    await client.submit('quick', null)
    await eventually('it is suspect', () => isSeen('suspect 1'))
    await eventually('it has departed', () => isSeen('departed 1'), 20_000)
    const lateWords: string[] = []
    links.control.subscribe(createSubjects(cluster).command(0), ({ data }) =>
      lateWords.push(...wordsOf(1, data)),
    )
    await links.control.flush()
    worker.kill('SIGCONT')
    await eventually('it is back', () => isSeen('active 2'))
    await eventually('the work that came meanwhile is done', () => hasSaid('quick runs'))
    expect(said.indexOf('is aborted')).to.be.within(0, said.indexOf('quick runs') - 1)
    // That it has stopped it may say still; its value, which came from a time without a lease, goes nowhere.
    expect(lateWords).to.not.include('completed')
  })

  it('K28 ends itself when exclusive work blocks its event loop past its lease', async () => {
    // Not its exit, after which its last words may still be under way.
    const exit = once(worker, 'close')
    const turns = (): number => said.filter((line) => line === 'turns again').length
    const turnsBefore = turns()
    await client.submit('hold', { ms: 30_000 })
    expect(await exit).to.deep.equal([null, 'SIGKILL'])
    expect(said.at(-1)).to.include('node w ends itself: its event loop is blocked')
    expect(turns()).to.equal(turnsBefore)
  })
})
