import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ClusterStatus } from 'covey'
import type { Finding } from '../../packages/cli/src/doctor/finding.js'
import type { ClusterSample } from '../../packages/cli/src/top/cluster-sample.js'
import { beginCall, callCovey, documentOf, eventually } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'

describe('What a command answers', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '2', '--slots', '2')

  const call = (...args: string[]) => callCovey(cluster.folder, ...args)
  const document = <Document>(...args: string[]) => documentOf<Document>(cluster.folder, ...args)
  const runFile = (id: string, workflows: object) => {
    writeFileSync(join(cluster.folder, `${id}.json`), JSON.stringify({ id, workflows }))
    return call('run', `${id}.json`)
  }

  it('K36 has a large result whole, bytes as base64, and ends with 2 where the input is too large', async () => {
    const big = JSON.stringify('x'.repeat(300_000))
    const submitted = await call('submit', 'big', '--id', 'big', '--wait')
    expect([submitted.code, submitted.stdout.trim() === big]).to.deep.equal([0, true])
    const result = await call('result', 'big')
    expect([result.code, result.stdout.trim() === big]).to.deep.equal([0, true])
    const scanned = await document('submit', 'scan', '--id', 'scan', '--wait')
    expect(scanned).to.deep.equal({ id: 'scan', state: 'completed', result: { pdf: 'AQL/' } })
    const input = await call('submit', 'greet', '--input', JSON.stringify('x'.repeat(300_000)))
    expect([input.code, input.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('error too_large'),
    )
  })

  it('of a job of several steps is the results by step, also while it runs', async () => {
    const greeting = (who: string) => ({ name: 'greet', input: { who } })
    await runFile('several', {
      a: greeting('x'),
      b: greeting('y'),
      both: { name: 'join', after: ['a', 'b'] },
    })
    const results = { a: 'hello x', b: 'hello y', both: 'hello x, hello y' }
    expect(await document('result', 'several')).to.deep.equal({ id: 'several', state: 'completed', results })
    expect(JSON.parse((await call('result', 'several')).stdout)).to.deep.equal(results)
  })

  it('of job --statistics is what its workflows counted', async () => {
    await call('submit', 'count', '--id', 'counts', '--input', '[1, 2, 400]', '--wait')
    const { statistics } = await document<{ statistics: object[] }>('job', 'counts', '--statistics')
    expect(statistics.length).to.equal(3)
    expect(statistics[1]).to.include({
      name: 'ms',
      kind: 'histogram',
      count: 3,
      sum: 403,
      max: 400,
      p99: 400,
    })
    expect((await call('job', 'counts', '--statistics')).stdout).to.match(/Z +orders +counter +1,234.5 /)
  })

  it('of graph is the steps of a job in layers, with what each waits for', async () => {
    const { steps } = await document<{ steps: object[] }>('graph', 'several')
    const told = { name: 'greet', state: 'completed', layer: 1, after: [] }
    expect(steps).to.deep.equal([
      ...[
        { step: 'a', ...told },
        { step: 'b', ...told },
      ],
      { step: 'both', name: 'join', state: 'completed', layer: 2, after: ['a', 'b'] },
    ])
    expect((await call('graph', 'several', '--svg')).stdout).to.match(/^<svg .*<\/svg>$/s)
    expect((await call('graph', 'nobody')).stderr).to.contain('error not_found')
  })

  it('of a job that failed is the error of what failed, not of what was skipped for it', async () => {
    await runFile('partly', { a: { name: 'join', after: ['z'] }, z: { name: 'fail' } })
    const { code, stdout, stderr } = await call('result', 'partly')
    expect([code, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.contain('error workflow_failed: partly/z')
    expect((await call('result', 'nobody')).stderr).to.contain('error not_found')
  })

  it('of job, asked by the id of a workflow, is where to look', async () => {
    const { code, stderr } = await call('job', 'several/a')
    expect(code).to.equal(2)
    expect(stderr).to.contain('covey job several ').and.to.contain('covey result several/a ')
  })

  it('of node, under a name that a live node has, is name_in_use (4), and that node goes on', async () => {
    const { code, stdout, stderr } = await call('node', '--name', 'worker-1', '--roles', 'worker')
    expect([code, stdout]).to.deep.equal([4, ''])
    expect(stderr).to.contain('error name_in_use').and.to.contain('--replace')
    expect((await call('submit', 'greet', '--input', '{"who":"x"}', '--wait')).stdout).to.equal('"hello x"')
  })

  it('about a cluster that is not at that broker comes within a few seconds', async () => {
    const startedAtMs = performance.now()
    const { code, stderr } = await call('submit', 'greet', '--server', cluster.up.url, '--cluster', 'nope')
    expect(code).to.equal(3)
    expect(stderr).to.contain('answers, but no node of cluster nope does').and.to.contain('--cluster')
    expect(performance.now() - startedAtMs).to.be.below(20_000)
  })

  it('of transitions says on stderr what it looks at, and that nothing matches', async () => {
    const some = await call('transitions', '--kind', 'workflow', '--actor', 'several/*')
    expect(some.stdout.split('\n')).to.have.length(3)
    expect(some.stdout).to.match(/^\d\d:\d\d:\d\d\.\d{3} .* several\/a {2}is completed$/m)
    expect(some.stderr).to.equal(
      'cluster default, all actors like several/* of the machine workflow: their states now; --follow goes on with what happens next',
    )
    const none = await call('transitions', '--actor', 'nothing.*')
    expect([none.code, none.stdout]).to.deep.equal([0, ''])
    expect(none.stderr).to.contain('no actor matches now; covey transitions without a filter')
    const misspelt = await call('transitions', '--kind', 'jobs')
    expect(misspelt.stderr)
      .to.contain('no actor matches now; the machines of this version are')
      .and.contain(' job,')
  })

  it('with --json is as the table of documents says', async () => {
    const keys = async (...args: string[]) => Object.keys(await document<object>(...args)).sort()
    expect(cluster.up).to.have.all.keys('cluster', 'file', 'inspector', 'nodes', 'pid', 'servers', 'url')
    expect(Object.keys(cluster.up.nodes[0] ?? {}).sort()).to.deep.equal(['metrics', 'name', 'pid', 'roles'])
    expect(await keys('run', 'several.json')).to.deep.equal(['again', 'id'])
    expect(await keys('run', 'several.json', '--wait')).to.deep.equal(['id', 'state', 'workflows'])
    const { ok, checks } = await document<{ ok: boolean; checks: object[] }>('doctor')
    expect(ok).to.equal(true)
    for (const check of checks) expect(check).to.include.all.keys('check', 'state', 'detail')
    const { error } = JSON.parse((await call('result', 'partly', '--json')).stderr) as { error: object }
    expect(error).to.include({ code: 'workflow_failed', job: 'partly', step: 'z' })
    const node = beginCall(
      cluster.folder,
      'node',
      '--name',
      'spare',
      '--roles',
      'worker',
      '--slots',
      '1',
      '--json',
    )
    const line = await eventually('it takes part', () => node.terminal.printed[0])
    expect(JSON.parse(line)).to.deep.equal({
      id: 'spare',
      roles: ['worker'],
      pid: process.pid,
      state: 'active',
      metrics: null,
    })
    const left = await document('leave', 'spare')
    expect(left).to.deep.equal({ id: 'spare', generation: 1, state: 'departed' })
    expect((await node.ended).code).to.equal(0)
  })

  it('of doctor is 1 and what, where and what to do, of a node that is blocked and of a name that is taken', async () => {
    process.kill(cluster.pidOf('worker-1'), 'SIGSTOP')
    const doctor = await call('doctor', '--json', '--name', 'worker-1').finally(() =>
      process.kill(cluster.pidOf('worker-1'), 'SIGCONT'),
    )
    const { ok, checks } = JSON.parse(doctor.stdout) as { ok: boolean; checks: Finding[] }
    expect([doctor.code, ok]).to.deep.equal([1, false])
    const found = checks.filter(({ state }) => state === 'fail')
    expect(found.map(({ check }) => check)).to.deep.equal(['event loops', 'names'])
    for (const finding of found) {
      expect(finding).to.have.all.keys('check', 'state', 'detail', 'where', 'mend')
      expect(finding.where).to.contain(`worker-1 (process ${cluster.pidOf('worker-1')} on `)
    }
  })

  it('of top is a document each second, with what has ended since the one before, until Ctrl-C', async () => {
    const { terminal, ended } = beginCall(cluster.folder, 'top', '--json')
    await eventually('a first document', () => terminal.printed.length > 0)
    await runFile('counted', { a: { name: 'greet', input: { who: 'x' } } })
    const documents = () => terminal.printed.map((line) => JSON.parse(line) as ClusterSample)
    await eventually('work', () => documents().some(({ jobsPerSecond }) => (jobsPerSecond ?? 0) > 0))
    terminal.interrupt()
    expect((await ended).code).to.equal(130)
    const [first, second] = documents()
    expect(first).to.include({ cluster: 'default', jobsPerSecond: null, eventsPerSecond: null })
    expect(second?.eventsPerSecond).to.be.a('number')
    const workers = first?.nodes.filter(({ roles }) => roles.includes('worker')) ?? []
    expect(first?.slots.total).to.equal(2 * workers.length)
    for (const { answerMs } of first?.nodes ?? []) expect(answerMs).to.be.within(0, 900)
  })

  it('of a watched status is a document for each change, and for nothing else, until Ctrl-C', async () => {
    const { terminal, ended } = beginCall(cluster.folder, 'status', '--watch', '--json')
    const documents = () => terminal.printed.map((line) => JSON.parse(line) as ClusterStatus)
    await eventually('a first document', () => terminal.printed.length > 0)
    await runFile('watched', { a: { name: 'greet', input: { who: 'x' } } })
    const completed = documents()[0]?.jobs.completed ?? 0
    await eventually('its end', () => (documents().at(-1)?.jobs.completed ?? 0) > completed)
    terminal.interrupt()
    expect((await ended).code).to.equal(130)
    const shown = documents().map((status) =>
      JSON.stringify({ ...status, shards: status.shards.map((shard) => ({ ...shard, sequence: 0 })) }),
    )
    expect(shown.filter((text, index) => text === shown[index - 1])).to.deep.equal([])
  })

  it('of status leaves nodes out that have departed, and says how many, unless all are wanted', async () => {
    await call('leave', 'worker-2')
    await eventually('it has departed', async () =>
      (await document<{ nodes: { state: string }[] }>('status')).nodes.some(
        ({ state }) => state === 'departed',
      ),
    )
    const { stdout, stderr } = await call('status')
    expect(stdout).to.not.contain('worker-2')
    expect(stderr).to.contain('departed: 2; see covey status --all')
    const all = await call('status', '--all')
    expect(all.stdout).to.match(/worker-2 +1 +departed/)
    expect(all.stderr).to.equal('')
  })
})
