import { expect } from 'chai'
import { callCovey, documentOf } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'

describe('What covey cancel answers', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '1', '--slots', '2')

  const call = (...args: string[]) => callCovey(cluster.folder, ...args)
  const document = <Document>(...args: string[]) => documentOf<Document>(cluster.folder, ...args)

  it('is 0 once, and 1 where there is nothing left to cancel', async () => {
    await document('submit', 'wait', '--id', 'once')
    expect((await call('cancel', 'once')).code).to.equal(0)
    const again = await call('cancel', 'once')
    expect([again.code, again.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && text.includes('ALREADY_CANCELLED'),
    )
  })

  it('H4 by a filter is what it met, and its workflows hear who cancelled and why', async () => {
    for (const id of ['sweep-a', 'sweep-b', 'kept']) await document('submit', 'wait', '--id', id)
    const filter = ['--job', 'sweep-?', '--name', 'w*t']
    const counts = await document<{ [met: string]: number }>('cancel', ...filter, '--reason', 'wrong day')
    expect([counts.jobs, Number(counts.cancelled) + Number(counts.cancelling), counts.already]).to.deep.equal(
      [...[2, 2, 0]],
    )
    const again = await call('cancel', ...filter)
    expect([again.code, again.stdout]).to.satisfy(
      ([code, text]: [number, string]) => code === 1 && /^ *2 +0 +0 +2$/m.test(text),
    )
    const { stderr } = await call('result', 'sweep-a')
    expect(stderr).to.match(/cancelled: wrong day \(by \S+@\S+\)/)
    expect((await call('cancel', 'kept')).code).to.equal(0)
  })
})
