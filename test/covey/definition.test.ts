import { type AttemptInput, StatisticsRecorder } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, hostWorkflow, type WorkflowOptions } from 'covey'
import { z } from 'zod'
import { rejection } from './client-world.js'

const run = async () => 1

const attempt = (input: unknown): AttemptInput => ({
  job: 'j',
  step: 'main',
  workflow: 'j/main',
  token: '0.1.2.0',
  attempt: 1,
  node: 'w1',
  input,
  results: {},
  signal: new AbortController().signal,
  progress: () => undefined,
  extendTimeout: async () => ({ grantedMs: 0 }),
  statistics: new StatisticsRecorder(
    () => 0,
    () => undefined,
  ),
})

describe('A definition', () => {
  it('has a policy with defaults', () => {
    expect(defineWorkflow({ name: 'a', version: '1', run }).policy).to.deep.equal({
      version: '1',
      slots: 1,
      exclusive: true,
      timeoutMs: 3_600_000,
      attempts: 1,
      backoffMs: 1_000,
      backoffFactor: 2,
      backoffMaxMs: 60_000,
    })
  })

  it('takes durations as milliseconds and as texts', () => {
    const retry = { attempts: 3, backoff: '250 ms', factor: 1.5, max: '5min' } as const
    const { policy } = defineWorkflow({
      name: 'a',
      version: '1',
      timeout: '1.5 h',
      exclusive: false,
      slots: 2,
      retry,
      run,
    })
    expect(policy).to.deep.equal({
      version: '1',
      slots: 2,
      exclusive: false,
      timeoutMs: 5_400_000,
      attempts: 3,
      backoffMs: 250,
      backoffFactor: 1.5,
      backoffMaxMs: 300_000,
    })
    expect(defineWorkflow({ name: 'a', version: '1', timeout: 500, run }).policy.timeoutMs).to.equal(500)
    expect(defineWorkflow({ name: 'a', version: '1', timeout: '2 d', run }).policy.timeoutMs).to.equal(
      172_800_000,
    )
  })

  const wrong: Record<string, object> = {
    name: { name: 'no name' },
    version: { version: '' },
    slots: { slots: 0 },
    exclusive: { exclusive: 'yes' },
    timeout: { timeout: 'soon' },
    'retry.attempts': { retry: { attempts: 0 } },
    'retry.backoff': { retry: { attempts: 2, backoff: '-1 s' } },
    'retry.factor': { retry: { attempts: 2, factor: 0.5 } },
    'retry.max': { retry: { attempts: 2, max: '2 h' } },
    input: { input: { parse: () => 1 } },
    output: { output: {} },
    run: { run: 'later' },
    isolation: { isolation: 'worker' },
    module: { isolation: 'thread', module: './workflows.js' },
    memoryMb: { isolation: 'thread', memoryMb: 8 },
  }
  it('is refused with memory for an inline function, which has none of its own', () => {
    expect(() => defineWorkflow({ name: 'a', version: '1', memoryMb: 64, run })).to.throw(/^memoryMb: /)
  })

  it('says where it runs, where that is not in the event loop of its worker', () => {
    const options = { name: 'a', version: '1', module: import.meta.url, run } as const
    expect(defineWorkflow({ ...options, isolation: 'inline' })).to.not.have.any.keys('isolation', 'module')
    expect(defineWorkflow({ ...options, isolation: 'process', memoryMb: 64 })).to.include({
      ...{ isolation: 'process', module: import.meta.url, memoryMb: 64 },
    })
  })

  it('is refused with a timeout of nothing, which every attempt would be over', () => {
    for (const timeout of [0, '0 s'] as const) {
      expect(() => defineWorkflow({ name: 'a', version: '1', timeout, run }))
        .to.throw(CoveyError, /^timeout: /)
        .with.property('mend')
        .that.contains('more than 0 ms')
    }
  })

  for (const [field, change] of Object.entries(wrong)) {
    it(`is refused for a wrong ${field}, which the error names with what to do`, () => {
      const options = { name: 'a', version: '1', run, ...change } as Parameters<typeof defineWorkflow>[0]
      expect(() => defineWorkflow(options))
        .to.throw(CoveyError, new RegExp(`^${field}: `))
        .that.deep.includes({ code: 'invalid_definition', address: field })
        .and.has.property('mend')
        .that.is.a('string')
    })
  }
})

describe('A hosted workflow', () => {
  const schema = z.object({ side: z.string().transform(Number) })
  const area = defineWorkflow({
    name: 'area',
    version: '1',
    input: schema,
    output: z.object({ area: z.number().max(100) }),
    run: async ({ input, workflow, attempt: number }) => ({ area: input.side ** 2 * number, of: workflow }),
  })

  it('gives the function what the schema makes of the input, and its caller what the schema makes of the result', async () => {
    const hosted = hostWorkflow(area)
    expect(hosted).to.include({ name: 'area', policy: area.policy })
    expect(await hosted.run(attempt({ side: '4' }))).to.deep.equal({ area: 16 })
  })

  it('fails for good on an input that does not fit, and says where', async () => {
    const error = await rejection(hostWorkflow(area).run(attempt({ side: 4 })))
    expect(error).to.include({ code: 'invalid_input', retryable: false, address: 'j/main' })
    expect(error.message).to.match(/does not fit: side: \w/)
  })

  it('fails for good on a result that does not fit', async () => {
    const error = await rejection(hostWorkflow(area).run(attempt({ side: '40' })))
    expect(error).to.include({ code: 'invalid_output', retryable: false })
    expect(error.message).to.match(/does not fit: area: \w/)
  })

  it('takes any Standard Schema, one that validates later too', async () => {
    const even: NonNullable<WorkflowOptions<number, number, number, number>['input']> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) =>
          typeof value === 'number' && value % 2 === 0 ? { value } : { issues: [{ message: 'is not even' }] },
      },
    }
    const half = hostWorkflow(
      defineWorkflow({ name: 'half', version: '1', input: even, run: ({ input }) => input / 2 }),
    )
    expect(await half.run(attempt(4))).to.equal(2)
    expect(await rejection(half.run(attempt(3))))
      .to.have.property('message')
      .that.matches(/is not even/)
  })
})
