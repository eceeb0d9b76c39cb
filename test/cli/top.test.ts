import { CoveyError, reportOfError } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { expect } from 'chai'
import type { ClusterStatus } from 'covey'
import type { Session } from '../../packages/cli/src/session.js'
import { type ClusterSample, Sampler } from '../../packages/cli/src/top/cluster-sample.js'
import { openLiveScreen } from '../../packages/cli/src/top/live-screen.js'
import { topText } from '../../packages/cli/src/top/top-text.js'
import { recordTerminal } from './recorded-terminal.js'

const statusWith = (completed: number, sequence: number): ClusterStatus => ({
  ...{ cluster: 'c', broker: { url: 'nats://h:1', version: '2.10.0', jetStream: true, durable: true } },
  nodes: ['w', 'gone'].map((id) => ({
    ...{ id, generation: 1, state: id === 'gone' ? 'departed' : 'active', roles: ['worker'] },
    ...{ slots: { total: 4, used: 1 }, host: 'h', pid: 1, since: '' },
  })),
  shards: [{ shard: 0, leader: 'm', epoch: 1, sequence, backlog: 3 }],
  jobs: { running: 1, completed, failed: 0, cancelled: 0 },
})

/** A cluster that answers each question about its status as it is told, 2 s after the one before. */
function samplerOf(answers: (ClusterStatus | CoveyError)[], answer: 'reply' | 'timeout' = 'reply'): Sampler {
  let nowMs = 0
  const clock: Clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => undefined }
  const status = async () => {
    nowMs += 2_000
    const next = answers.shift()
    if (next instanceof CoveyError || next === undefined) throw next ?? new Error('asked too often')
    return next
  }
  const request = async () => {
    nowMs += 7.04
    return { kind: answer, data: new Uint8Array() }
  }
  const session = { client: { cluster: 'c', status }, links: { data: { request } } }
  return new Sampler(session as unknown as Session, clock)
}

describe('covey top', () => {
  it('counts what has ended and what was logged by the time that has passed', async () => {
    const sampler = samplerOf([statusWith(10, 100), statusWith(30, 160), statusWith(5, 160)])
    expect(await sampler.next()).to.include({ jobsPerSecond: null, eventsPerSecond: null, backlog: 3 })
    const second = (await sampler.next()) as ClusterSample
    expect([second.jobsPerSecond, second.eventsPerSecond]).to.deep.equal([10, 29.9])
    // Jobs have been forgotten since.
    expect(await sampler.next()).to.include({ jobsPerSecond: 0, eventsPerSecond: 0 })
  })

  it('tells of living nodes how long they take to answer, and of one that does not that it does not', async () => {
    const { nodes, slots } = (await samplerOf([statusWith(0, 0)]).next()) as ClusterSample
    expect(nodes.map(({ id, answerMs }) => [id, answerMs])).to.deep.equal([['w', 7]])
    expect(slots).to.deep.equal({ total: 4, used: 1 })
    const silent = (await samplerOf([statusWith(0, 0)], 'timeout').next()) as ClusterSample
    expect(silent.nodes[0]?.answerMs).to.equal(null)
    expect(topText(silent)).to.match(/w +1 +active +worker +1\/4 +none$/)
    const [w] = statusWith(0, 0).nodes
    const busy = await samplerOf([{ ...statusWith(0, 0), nodes: [{ ...w!, busy: true }] }], 'timeout').next()
    expect(topText(busy)).to.match(/w +1 +active, busy +worker +1\/4 +none$/)
  })

  it('goes on over a change of leader, with no rate that spans it, and ends by what no waiting mends', async () => {
    const away = new CoveyError('no_leader', 'nobody leads')
    const sampler = samplerOf([statusWith(1, 1), away, statusWith(9, 9), new CoveyError('closed', 'over')])
    await sampler.next()
    const missed = await sampler.next()
    expect(missed).to.deep.include({ cluster: 'c', error: reportOfError(away, 1_000) })
    expect(topText(missed)).to.contain('no_leader: nobody leads')
    expect(await sampler.next()).to.include({ jobsPerSecond: null })
    expect(await sampler.next().catch((error: CoveyError) => error.code)).to.equal('closed')
  })

  it('draws over itself on a screen, no longer than that is, and gives it back as it was', () => {
    const recorded = recordTerminal()
    const live = openLiveScreen({ ...recorded, screen: { columns: 20, rows: 3 } })
    live.show('a\nb\nc')
    live.show('d')
    live.close()
    recorded.remove()
    expect(recorded.printed).to.deep.equal([
      '\u001b[?7l\u001b[2J\u001b[Ha\u001b[K\nb\u001b[K\u001b[J',
      '\u001b[Hd\u001b[K\u001b[J',
      '\u001b[?7h',
    ])
  })

  it('writes one text below the other where there is no screen', () => {
    const recorded = recordTerminal()
    openLiveScreen(recorded).show('a\nb')
    recorded.remove()
    expect(recorded.printed).to.deep.equal(['a\nb\n'])
  })
})
