import { expect } from 'chai'
import { beginCall, callCovey, documentOf, eventually } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'

interface Job {
  readonly workflows: readonly { readonly state: string; readonly attempt: number }[]
}

describe('A workflow that behaves badly', function () {
  this.timeout(90_000)
  const cluster = liveClusterOfSuite('--nodes', '2', '--slots', '2')

  const submit = (name: string, input: object, ...more: string[]) =>
    callCovey(cluster.folder, 'submit', name, '--input', JSON.stringify(input), '--wait', ...more)
  const greet = async (): Promise<void> => {
    const { stdout } = await submit('greet', { who: 'you' }, '--deadline', '30')
    expect(stdout).to.equal('"hello you"')
  }

  it('by blocking its event loop for 5 s is waited for: one attempt, one result, no node lost', async () => {
    const blocked = beginCall(
      cluster.folder,
      ...([
        'submit',
        'block',
        '--input',
        '{"ms":5000}',
        '--id',
        'blocks',
        '--wait',
        '--deadline',
        '60',
      ] as const),
    )
    await eventually('it runs', async () => {
      // Until the submit is in the log, no such job is known.
      const known = await callCovey(cluster.folder, 'job', 'blocks', '--json')
      return known.code === 0 && /"state":"(running|assigned)"/.test(known.stdout)
    })
    await greet()
    const { code, stdout, stderr } = await blocked.ended
    expect([code, stdout], stderr).to.deep.equal([0, '1'])
    const { workflows } = await documentOf<Job>(cluster.folder, 'job', 'blocks')
    expect(workflows).to.have.length(1).and.have.nested.property('[0].attempt', 1)
    expect(cluster.call.terminal.said.join('\n')).to.not.match(/exited|stays down/)
  })

  it('by 100,000 reports of progress ends as any other', async () => {
    const { code, stdout, stderr } = await submit('flood', { reports: 100_000 }, '--deadline', '30')
    expect([code, stdout], stderr).to.deep.equal([0, '100000'])
  })

  it('by leaking timers and a server completes, its worker goes on, and its process ends when it leaves', async () => {
    const { code, stdout } = await submit('leak', { handles: 500 }, '--deadline', '30')
    expect(code).to.equal(0)
    expect(cluster.up.nodes.map(({ pid }) => String(pid))).to.include(stdout)
    await greet()
  })
})
