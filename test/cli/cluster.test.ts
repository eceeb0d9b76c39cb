import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { isAlive, isListening } from '../nats/broker-owner.js'
import { beginCall, callCovey, documentOf, eventually } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'

interface Status {
  readonly nodes: readonly { readonly id: string; readonly state: string }[]
  readonly shards: readonly { readonly leader: string }[]
}
interface Job {
  readonly state: string
  readonly workflows: readonly { readonly id: string; readonly state: string }[]
}

describe('a cluster of covey up', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '2', '--slots', '2', '--metrics', '0')

  const call = (...args: string[]) => callCovey(cluster.folder, ...args)
  const document = <Document>(...args: string[]) => documentOf<Document>(cluster.folder, ...args)
  const stateOf = async (node: string): Promise<string | undefined> =>
    (await document<Status>('status')).nodes.find(({ id }) => id === node)?.state

  it('is processes of their own, all active and led, found by its file', async () => {
    const { nodes, pid } = cluster.up
    expect(nodes.map(({ name }) => name)).to.deep.equal(['manager-1', 'worker-1', 'worker-2'])
    expect(new Set([pid, ...nodes.map((node) => node.pid)]).size).to.equal(4)
    const status = await document<Status>('status')
    expect(status).to.have.all.keys('cluster', 'broker', 'nodes', 'shards', 'jobs')
    expect(status.nodes.map(({ id, state }) => [id, state])).to.deep.equal([
      ['manager-1', 'active'],
      ['worker-1', 'active'],
      ['worker-2', 'active'],
    ])
    const keys = ['id', 'generation', 'state', 'roles', 'slots', 'host', 'pid', 'since']
    expect(status.nodes[1]).to.have.all.keys(keys)
    expect(status.shards[0]).to.include({ shard: 0, leader: 'manager-1', epoch: 1 })
    expect((await call('status')).stdout).to.match(/worker-2 +1 +active +worker +0\/2/)
  })

  it('serves metrics and health of each node where that is wanted', async () => {
    for (const { name, roles, metrics } of cluster.up.nodes) {
      const text = await (await fetch(metrics ?? '')).text()
      expect(text).to.contain(`roles="${roles.join()}",cluster="default",node="${name}"} 1`)
      expect((await fetch(new URL('/ready', metrics ?? ''))).status).to.equal(200)
    }
  })

  it('runs a workflow to its result, on stdout alone', async () => {
    const input = ['--input', '{"who":"world"}']
    const waited = await call('submit', 'greet', ...input, '--wait')
    expect([waited.code, waited.stdout]).to.deep.equal([0, '"hello world"'])
    const first = await document('submit', 'greet', ...input, '--id', 'twice')
    expect(first).to.deep.equal({ id: 'twice', again: false })
    expect(await document('submit', 'greet', ...input, '--id', 'twice')).to.deep.equal({
      id: 'twice',
      again: true,
    })
    expect(await document('result', 'twice')).to.deep.equal({
      id: 'twice',
      state: 'completed',
      result: 'hello world',
    })
    const { code, stderr } = await call('submit', 'greet', '--id', 'twice')
    expect(code).to.equal(1)
    expect(stderr).to.contain('error id_conflict')
  })

  it('ends with 1 and the cause where the workflow fails', async () => {
    const { code, stdout, stderr } = await call('submit', 'fail', '--wait')
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.contain('error workflow_failed').and.to.contain('told to')
  })

  it('runs a job file in order and hands results on', async () => {
    const greeting = (who: string) => ({ name: 'greet', input: { who } })
    const workflows = { a: greeting('a'), b: greeting('b'), both: { name: 'join', after: ['a', 'b'] } }
    writeFileSync(join(cluster.folder, 'job.json'), JSON.stringify({ id: 'file', workflows }))
    const job = await document<Job>('run', 'job.json', '--wait')
    expect(job).to.have.all.keys('id', 'state', 'workflows')
    expect(job.state).to.equal('completed')
    expect(job.workflows[0]).to.have.all.keys(
      'id',
      'name',
      'state',
      'after',
      'attempt',
      'token',
      'node',
      'error',
    )
    expect(await document('result', 'file/both')).to.include({ result: 'hello a, hello b' })
    writeFileSync(join(cluster.folder, 'bad.json'), JSON.stringify({ workflows: { x: { name: 'fail' } } }))
    const failed = await call('run', 'bad.json', '--wait')
    expect(failed.code).to.equal(1)
    expect(failed.stdout).to.match(/x +fail +failed/)
  })

  it('H4 cancels what runs once, and says so of what it cannot cancel', async () => {
    await document('submit', 'wait', '--id', 'long')
    await eventually(
      'it runs',
      async () => (await document<Job>('job', 'long')).workflows[0]?.state === 'running',
    )
    expect((await call('result', 'long', '--deadline', '0.3')).code).to.equal(6)
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        document<{ outcome: string }[]>('cancel', 'long', '--reason', 'enough'),
      ),
    )
    const outcomes = answers.map(([answer]) => answer?.outcome).sort()
    expect(outcomes).to.deep.equal([...Array<string>(4).fill('ALREADY_CANCELLED'), 'CANCELLED'])
    expect(await call('result', 'long')).to.include({ code: 1, stdout: '' })
    expect(await call('cancel', 'twice')).to.include({ code: 1 })
    expect(await document('cancel', 'nobody')).to.deep.equal([{ id: 'nobody', outcome: 'NOT_FOUND' }])
    expect(await call('job', 'nobody')).to.include({ code: 1, stdout: '' })
  })

  it('lets a user stop waiting, and the job go on', async () => {
    const waiting = beginCall(cluster.folder, 'submit', 'wait', '--id', 'left-alone', '--wait')
    await eventually('it waits', () => waiting.terminal.said.length > 0)
    waiting.terminal.interrupt()
    expect((await waiting.ended).code).to.equal(130)
    expect((await document<Job>('job', 'left-alone')).state).to.equal('running')
    expect((await call('cancel', 'left-alone')).code).to.equal(0)
  })

  it('shows the state of every actor, and with --follow what comes after', async () => {
    const { stdout } = await call('transitions', '--kind', 'worker', '--json')
    const states = stdout.split('\n').map((line) => JSON.parse(line) as { node: string; to: string })
    expect(states.map(({ node }) => node)).to.have.members(['worker-1', 'worker-2'])
    expect(states[0]).to.have.all.keys(
      'node',
      'generation',
      'kind',
      'actor',
      'from',
      'event',
      'to',
      'at',
      'elapsedMs',
    )
    const following = beginCall(cluster.folder, 'transitions', '--kind', 'workflow', '--follow')
    await eventually('the states are told', () => following.terminal.printed.length > 0)
    await call('submit', 'greet', '--input', '{"who":"you"}', '--id', 'seen', '--wait')
    await eventually('the end is told', () =>
      following.terminal.printed.some((line) => /seen.*→ completed/.test(line)),
    )
    following.terminal.interrupt()
    expect((await following.ended).code).to.equal(130)
  })

  it('is well in the eyes of doctor', async () => {
    const { code, stdout } = await call('doctor')
    expect(code, stdout).to.equal(0)
    expect(stdout)
      .to.match(/streams +ok/)
      .and.to.match(/leader +ok +default is led by manager-1/)
      .and.to.match(/nodes +ok +3 take part/)
  })

  it('A8 lets a node leave for a reason, and its process end', async () => {
    const answer = await document('leave', 'worker-2', '--reason', 'maintenance')
    expect(answer).to.include({ id: 'worker-2', state: 'departed' })
    await eventually('its process ends', () => !isAlive(cluster.pidOf('worker-2')))
    expect(await stateOf('worker-2')).to.equal('departed')
    expect((await call('leave', 'worker-2')).stderr)
      .to.contain('error not_found')
      .and.to.contain('manager-1')
  })

  it('K49 notes a killed node at once, and its work moves on to a new one', async () => {
    await document('submit', 'wait', '--id', 'moved')
    const runsOn = async (node: string) =>
      (await document<{ workflows: { node: string; state: string }[] }>('job', 'moved')).workflows.some(
        (workflow) => workflow.node === node && workflow.state === 'running',
      )
    await eventually('worker-1 has it', () => runsOn('worker-1'))
    const spare = beginCall(
      cluster.folder,
      ...['node', '--name', 'spare', '--roles', 'worker', '--slots', '1', '--workflows', 'workflows.mjs'],
    )
    await eventually('the spare takes part', () => spare.terminal.printed.length > 0)
    process.kill(cluster.pidOf('worker-1'), 'SIGKILL')
    await eventually('the spare has it', () => runsOn('spare'))
    const { said } = cluster.call.terminal
    expect(said).to.include('worker-1 exited (SIGKILL); its work moves on')
    await eventually('it is noted', () => said.includes('manager-1 has noted the end of worker-1'))
    expect((await call('cancel', 'moved')).code).to.equal(0)
    spare.terminal.interrupt()
    expect((await spare.ended).code).to.equal(0)
  })

  it('ends with its launcher: nodes, broker and file are gone', async () => {
    cluster.call.terminal.interrupt()
    expect((await cluster.call.ended).code).to.equal(0)
    expect(cluster.up.nodes.filter(({ pid }) => isAlive(pid))).to.deep.equal([])
    expect(await isListening(cluster.up.url)).to.equal(false)
    expect(existsSync(cluster.up.file ?? '')).to.equal(false)
  })
})
