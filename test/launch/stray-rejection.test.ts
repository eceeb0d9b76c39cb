import { expect } from 'chai'
import { callCovey } from '../cli/calls.js'
import { liveClusterOfSuite } from '../cli/live-cluster.js'

describe('a promise that user code leaves behind', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '1', '--slots', '2')

  it('does not end the worker when it rejects, and its workflow completes', async () => {
    const waited = await callCovey(cluster.folder, 'submit', 'stray', '--wait', '--deadline', '20')
    expect([waited.code, waited.stdout]).to.deep.equal([0, String(cluster.pidOf('worker-1'))])
  })
})
