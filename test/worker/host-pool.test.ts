import {
  type CodePlace,
  type HostChannel,
  type HostedAttempt,
  HostedCode,
  type HostedWorkflow,
  type HostListener,
  HostPool,
  type Notice,
} from '@covey/actors'
import { HeapClock } from '@covey/engine'
import { limits, packValue, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'

/** A thread or process that is none: production code at its other end, and what it was told. */
class FakeHost implements HostChannel {
  readonly leases: (number | undefined)[] = []
  isEnded = false
  readonly #code: HostedCode
  readonly #listener: HostListener

  constructor(
    listener: HostListener,
    workflows: readonly HostedWorkflow[],
    clock: HeapClock,
    loads: boolean,
  ) {
    this.#listener = listener
    const channel = { say: (frame: Uint8Array) => listener.onWord(new Uint8Array(frame)) }
    this.#code = new HostedCode({ channel, workflows, clock, wallNow: () => clock.now() })
    if (loads) clock.setTimeout(() => this.#code.begin(), 10)
  }

  say(frame: Uint8Array): void {
    this.#code.hear(new Uint8Array(frame))
  }

  lease(leftMs: number | undefined): void {
    this.leases.push(leftMs)
  }

  unref(): void {
    // Nothing is kept alive by it.
  }

  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.#listener.onEnd('it was killed')
  }
}

describe('The threads and processes of a node', () => {
  const place: CodePlace = { isolation: 'process', module: 'file:///here.mjs', memoryMb: undefined }
  let clock: HeapClock
  let work: ReturnType<typeof controlled>
  let hosts: FakeHost[]
  let notices: Notice[]
  let pool: HostPool
  let loads: boolean
  let tokens: number

  beforeEach(() => {
    clock = new HeapClock()
    work = controlled('work')
    ;[hosts, notices, loads, tokens] = [[], [], true, 0]
    const open = (_: CodePlace, listener: HostListener): HostChannel => {
      const host = new FakeHost(listener, [work], clock, loads)
      hosts.push(host)
      return host
    }
    pool = new HostPool({ hostsMax: 2, clock, open, notice: (notice) => notices.push(notice) })
  })

  /** Moves the time on, a little at a time: what it sets off is settled between. */
  async function pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      clock.advance(10)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  function attempt(leaseLeftMs: HostedAttempt['leaseLeftMs'] = () => undefined, exclusive = true) {
    tokens += 1
    const [stop, overdue] = [new AbortController(), new AbortController()]
    const dispatch: HostedAttempt['dispatch'] = {
      ...{ token: `1.1.${tokens}.0`, workflow: 'j/a', name: 'work', version: '1.0.0', credits: [1] },
      ...{ attempt: 1, timeoutMs: 60_000, exclusive, input: packValue(tokens) },
    }
    const given: HostedAttempt = {
      ...{ dispatch, node: 'n1', signal: stop.signal, overdue: overdue.signal, leaseLeftMs },
      ...{ progress: () => undefined, statistics: () => undefined },
      extend: async () => ({ grantedMs: 0 }),
    }
    return { given, stop, overdue, run: () => work.runs.get(dispatch.token) }
  }

  it('run one attempt after another in the same, and end it when nobody has needed it for long', async () => {
    for (const result of ['first', 'second']) {
      const { given, run } = attempt()
      const ending = pool.run(place, given)
      await pass(20)
      run()?.resolve(result)
      const ended = await ending
      expect(ended.type === 'code.completed' && unpackValue(ended.result)).to.equal(result)
    }
    expect(hosts).to.have.length(1)
    await pass(limits.hostIdleMs - 100)
    expect(hosts[0]?.isEnded).to.equal(false)
    await pass(200)
    expect(hosts[0]?.isEnded).to.equal(true)
    expect([clock.size, notices]).to.deep.equal([0, []])
  })

  it('K7, K28 are told of the lease at once and again, and of no more than its end and the grace', async () => {
    let leftMs = 600
    const endsAtMs = clock.now() + 10 + leftMs
    const { given, run } = attempt(() => endsAtMs - clock.now())
    const ending = pool.run(place, given)
    await pass(10)
    expect(hosts[0]?.leases).to.deep.equal([leftMs + limits.fenceGraceMs])
    for (const _ of [1, 2, 3]) {
      await pass(limits.hostLeaseIntervalMs)
      leftMs -= limits.hostLeaseIntervalMs
      expect(hosts[0]?.leases.at(-1)).to.equal(Math.max(0, leftMs + limits.fenceGraceMs))
    }
    run()?.resolve('done')
    await ending
    expect(hosts[0]?.leases.at(-1)).to.equal(undefined)
    const { given: shared } = attempt(() => 5, false)
    void pool.run(place, shared)
    await pass(20)
    expect(hosts[0]?.leases.at(-1)).to.equal(undefined)
    await pool.close()
  })

  it('end what is overdue, and what has ended is no attempt’s any more', async () => {
    const { given, overdue } = attempt()
    const ending = pool.run(place, given)
    await pass(20)
    overdue.abort()
    expect(await ending).to.deep.include({ type: 'code.failed', retryable: true })
    expect(await ending)
      .to.have.nested.property('error.message')
      .that.includes('its code ignored its signal')
    const { given: next, run } = attempt()
    const second = pool.run(place, next)
    await pass(20)
    run()?.resolve('elsewhere')
    expect((await second).type).to.equal('code.completed')
    expect(hosts.map(({ isEnded }) => isEnded)).to.deep.equal([true, false])
    await pool.close()
    expect(hosts.every(({ isEnded }) => isEnded)).to.equal(true)
  })

  it('begin nothing that was stopped while they loaded', async () => {
    const { given, stop, run } = attempt()
    const ending = pool.run(place, given)
    stop.abort(new Error('stopped'))
    await pass(20)
    expect((await ending).type).to.equal('code.failed')
    expect([run(), hosts[0]?.isEnded]).to.deep.equal([undefined, false])
    await pool.close()
  })

  it('are given up where they do not load in time, and none begins once they are closed', async () => {
    loads = false
    const outcome = pool.load(place).then(
      () => 'loaded',
      (error: Error) => error.message,
    )
    await pass(limits.hostStartMsMax + 10)
    expect(await outcome).to.include(`has not loaded within ${limits.hostStartMsMax} ms`)
    await pool.close()
    expect(await pool.run(place, attempt().given)).to.have.nested.property('error.code', 'host_ended')
    expect(hosts).to.have.length(1)
  })

  it('make room for another module where all that a node may have are there', async () => {
    for (const module of ['file:///a.mjs', 'file:///b.mjs', 'file:///c.mjs']) {
      const { given, run } = attempt()
      const ending = pool.run({ ...place, module }, given)
      await pass(20)
      run()?.resolve(module)
      await ending
    }
    expect(hosts.map(({ isEnded }) => isEnded)).to.deep.equal([true, false, false])
    await pool.close()
  })
})
