import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import type { ClusterStatus, Member } from 'covey'
import { Subject } from 'rxjs'
import { type StatusLook, statusLooks } from '../../packages/cli/src/status/status-stream.js'

const statusWith = (completed: number): ClusterStatus => ({
  ...{ cluster: 'c', broker: { url: 'nats://h:1', version: '2.10.0', jetStream: true, durable: true } },
  ...{ nodes: [], shards: [], jobs: { running: 1, completed, failed: 0, cancelled: 0 } },
})
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('A watched status', () => {
  let answers: (ClusterStatus | CoveyError)[]
  let ticks$: Subject<number>
  let members$: Subject<readonly Member[]>
  let looks: StatusLook[]
  let failure: unknown
  beforeEach(() => {
    answers = [statusWith(1), statusWith(2), statusWith(3)]
    ticks$ = new Subject()
    members$ = new Subject()
    looks = []
    failure = undefined
    const status = async () => {
      const next = answers.shift()
      if (next instanceof CoveyError || next === undefined) throw next ?? new Error('asked too often')
      return next
    }
    const client = { cluster: 'c', members$, status }
    statusLooks(client, ticks$).subscribe({
      next: (look) => looks.push(look),
      error: (error: unknown) => {
        failure = error
      },
    })
  })

  it('is looked at with each tick, and at once when a member changes', async () => {
    ticks$.next(0)
    await turn()
    expect(looks).to.deep.equal([{ status: statusWith(1) }])
    members$.next([])
    await turn()
    expect(looks.at(-1)).to.deep.equal({ status: statusWith(2) })
  })

  it('is asked for once at a time, however much happens', async () => {
    for (let count = 0; count < 10; count += 1) members$.next([])
    ticks$.next(0)
    await turn()
    expect(looks).to.have.length(1)
    expect(answers).to.have.length(2)
  })

  it('goes on over a change of leader, which it shows', async () => {
    answers = [new CoveyError('no_leader', 'nobody leads'), statusWith(7)]
    ticks$.next(0)
    await turn()
    expect(looks[0]).to.have.nested.property('error.code', 'no_leader')
    ticks$.next(1)
    await turn()
    expect(looks[1]).to.deep.equal({ status: statusWith(7) })
  })

  it('ends by what no waiting mends', async () => {
    answers = [new CoveyError('closed', 'over')]
    ticks$.next(0)
    await turn()
    expect(failure).to.have.property('code', 'closed')
    expect(looks).to.deep.equal([])
  })
})
