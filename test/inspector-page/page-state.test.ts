import { expect } from 'chai'
import { applyNews, emptyPage } from '../../packages/inspector/page/model/page-state.js'
import { actorRow, foldedRow, transitionRow } from './rows.js'

const actors = (
  full: boolean,
  changed = [actorRow('w1', 'worker', 'worker', 'ready')],
  gone: string[] = [],
) => ({ type: 'actors', full, changed, gone }) as const

describe('what the page knows', () => {
  it('keeps its actors in the order of the tree: by node as numbers count, then kind, then actor', () => {
    const rows = [
      foldedRow('job', 'j-1', 'running'),
      actorRow('w10', 'worker', 'worker', 'ready'),
      actorRow('w2', 'worker', 'worker', 'ready'),
      actorRow('w2', 'peer', 'peer.w10', 'active'),
      actorRow('w2', 'peer', 'peer.w9', 'active'),
    ]
    const { actorKeys } = applyNews(emptyPage, actors(true, rows))
    expect(actorKeys).to.deep.equal([
      'shard.0/j-1',
      'w2/1/peer.w9',
      'w2/1/peer.w10',
      'w2/1/worker',
      'w10/1/worker',
    ])
  })

  it('orders anew only when an actor comes or goes, not when one changes its state', () => {
    const before = applyNews(emptyPage, actors(true))
    const changed = applyNews(before, actors(false, [actorRow('w1', 'worker', 'worker', 'full')]))
    expect(changed.actors.get('w1/1/worker')?.state).to.equal('full')
    expect(changed.actorKeys).to.equal(before.actorKeys)
    const gone = applyNews(changed, actors(false, [], ['w1/1/worker']))
    expect(gone.actorKeys).to.deep.equal([])
    expect(before.actors.size).to.equal(1)
  })

  it('forgets with a full list whoever is not in it', () => {
    const before = applyNews(emptyPage, actors(true, [actorRow('w9', 'worker', 'worker', 'ready')]))
    expect(applyNews(before, actors(true)).actorKeys).to.deep.equal(['w1/1/worker'])
  })

  it('keeps the last status beside the error that says that it is old', () => {
    const status = { cluster: 'c', nodes: [], shards: [] } as never
    const error = { code: 'no_leader', message: 'nobody leads' } as const
    const known = applyNews(emptyPage, { type: 'cluster', status, error: null })
    const old = applyNews(known, { type: 'cluster', status: null, error })
    expect(old.status).to.equal(status)
    expect(old.error).to.equal(error)
    expect(applyNews(old, { type: 'cluster', status, error: null }).error).to.equal(null)
  })

  it('begins its timeline anew with each greeting: the server may count from the beginning', () => {
    const told = applyNews(emptyPage, { type: 'transitions', shown: [transitionRow(900)], seen: 1 })
    const greeted = applyNews(told, { type: 'hello', cluster: 'c', version: '1', mayOperate: true })
    const { timeline } = applyNews(greeted, { type: 'transitions', shown: [transitionRow(1)], seen: 1 })
    expect(timeline.rows.map(({ number }) => number)).to.deep.equal([1])
    expect(greeted.mayOperate).to.equal(true)
  })
})
