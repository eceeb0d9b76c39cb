import { expect } from 'chai'
import { beginCall, callCovey, documentOf } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'

describe('Placing by the command', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '1', '--slots', '1')

  const call = (...args: string[]) => callCovey(cluster.folder, ...args)
  const document = <Document>(...args: string[]) => documentOf<Document>(cluster.folder, ...args)

  it('runs what requires a label at the node that has it, and says why it waits until then', async () => {
    const wish = ['--require', 'gpu', '--require', 'region=eu', '--priority', '-3', '--key', 'tenant 7']
    await call('submit', 'greet', '--input', '{"who":"you"}', '--id', 'picky', ...wish)
    expect((await call('job', 'picky')).stdout).to.match(
      /queued .*waits: no worker .* gpu, region=eu is missing/,
    )
    const labels = ['--label', 'gpu', '--label', 'region=eu']
    const able = beginCall(
      cluster.folder,
      ...[
        'node',
        '--name',
        'able',
        '--roles',
        'worker',
        '--slots',
        '1',
        '--workflows',
        'workflows.mjs',
        ...labels,
      ],
    )
    expect((await call('result', 'picky')).stdout).to.equal('"hello you"')
    expect((await call('status')).stdout).to.match(/AGE +LABELS\n(.*\n)*able .* gpu, region=eu\n/)
    const { workflows } = await document<{ workflows: object[] }>('job', 'picky')
    expect(workflows[0]).to.deep.include({
      node: 'able',
      demand: { priority: -3, key: 'tenant 7', requires: ['gpu', 'region=eu'] },
    })
    able.terminal.interrupt()
    expect((await able.ended).code).to.equal(0)
  })
})
