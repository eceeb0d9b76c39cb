import type { Notice } from '@covey/actors'
import { type Span, type Tracer, type TracerProvider, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { expect } from 'chai'
import { defineWorkflow } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'
import { unregisterSdk } from './traced-world.js'

const fails = defineWorkflow({
  ...{ name: 'fails', version: '1', retry: { attempts: 1 } },
  run: async () => Promise.reject(new RangeError('no')),
})

const thrown = (): never => {
  throw new Error('the SDK is broken')
}

/** Real spans with one method that throws. */
function withBroken(method: keyof Span): TracerProvider {
  const real = new NodeTracerProvider().getTracer('real')
  const startSpan: Tracer['startSpan'] = (...given) =>
    Object.assign(real.startSpan(...given), { [method]: thrown })
  return { getTracer: () => ({ startSpan, startActiveSpan: thrown }) }
}

const methods = ['spanContext', 'setAttribute', 'recordException', 'setStatus', 'end'] as const
const providers: Readonly<Record<string, TracerProvider>> = {
  getTracer: { getTracer: thrown },
  startSpan: { getTracer: () => ({ startSpan: thrown, startActiveSpan: thrown }) },
  sampler: new NodeTracerProvider({ sampler: { shouldSample: thrown, toString: () => 'throws' } }),
  ...Object.fromEntries(methods.map((method) => [method, withBroken(method)])),
}

describe('An SDK of OpenTelemetry that throws', () => {
  let world: ClusterWorld
  beforeEach(async () => {
    world = new ClusterWorld()
    await world.during(world.node('n1', ['manager', 'worker'], [double, fails]).ready)
  })
  afterEach(async () => {
    await world.close()
    unregisterSdk()
  })

  for (const [part, provider] of Object.entries(providers)) {
    it(`in its ${part} makes no submit and no result reject, and is noticed`, async () => {
      trace.setGlobalTracerProvider(provider)
      const notices: Notice[] = []
      const client = await world.client({ notice: (notice) => notices.push(notice) })
      const job = await world.during(client.submit(double, 2, { id: 'four' }))
      expect(await world.during(job.result())).to.equal(4)
      expect(await world.during(client.result('four'))).to.equal(4)
      const failing = await world.during(client.submit(fails, null))
      expect(await rejection(world.during(failing.result()))).to.have.property('code', 'workflow_failed')
      expect(notices).to.not.be.empty
      for (const notice of notices) expect(notice).to.include({ kind: 'defect' })
    })
  }
})
