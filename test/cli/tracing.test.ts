import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type TracingWish, tracingWish } from '../../packages/cli/src/tracing/tracing-wish.js'
import { builtCommand, builtCovey } from '../harness/built.js'
import { TestBroker } from '../nats/nats-world.js'
import { type OtlpReceiver, openOtlpReceiver } from './otlp-receiver.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const module = `
import { defineWorkflow } from '${builtCovey}'
export const greet = defineWorkflow({ name: 'greet', version: '1', run: () => 'hello' })
`

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }
const on: TracingWish = { kind: 'on', protocol: 'http/protobuf', exportTimeoutMs: 2_000 }

describe('the standard variables of OpenTelemetry', () => {
  const wishes: [environment: Record<string, string>, wish: TracingWish][] = [
    [{}, { kind: 'off' }],
    [endpoint, on],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, on],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, on],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, { kind: 'off' }],
    [{ OTEL_SERVICE_NAME: 'mine', OTEL_TRACES_SAMPLER: 'always_on' }, { kind: 'off' }],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_TIMEOUT: '10000' },
      { ...on, exportTimeoutMs: undefined },
    ],
    [{ ...endpoint, OTEL_TRACES_EXPORTER: 'none' }, { kind: 'off' }],
    [{ ...endpoint, OTEL_SDK_DISABLED: 'TRUE' }, { kind: 'off' }],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { ...on, protocol: 'http/json' },
    ],
    [
      {
        ...endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      on,
    ],
    [
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      {
        kind: 'unknown',
        why: 'OTEL_EXPORTER_OTLP_PROTOCOL is grpc: only http/protobuf and http/json are known here',
      },
    ],
    [
      { OTEL_TRACES_EXPORTER: 'zipkin' },
      { kind: 'unknown', why: 'OTEL_TRACES_EXPORTER is zipkin: only otlp and none are known here' },
    ],
    [{ ...endpoint, OTEL_BSP_MAX_QUEUE_SIZE: '4096', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '1' }, on],
    [
      { ...endpoint, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' },
      { kind: 'unknown', why: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE is 0: it takes a whole number from 1' },
    ],
    [
      { ...endpoint, OTEL_BSP_MAX_QUEUE_SIZE: '-1' },
      { kind: 'unknown', why: 'OTEL_BSP_MAX_QUEUE_SIZE is -1: it takes a whole number from 1' },
    ],
  ]
  for (const [environment, wish] of wishes) {
    it(`ask with ${JSON.stringify(environment)} for ${wish.kind}`, () => {
      expect(tracingWish(environment)).to.deep.equal(wish)
    })
  }
})

describe('processes that are started with the standard variables of OpenTelemetry', function () {
  this.timeout(60_000)
  const broker = new TestBroker()
  let terminal: RecordedTerminal
  let receiver: OtlpReceiver
  let node: ChildProcess
  const start = (variables: Record<string, string>, ...args: string[]): ChildProcess =>
    spawn(process.execPath, [builtCommand, ...args, '--server', broker.url], {
      cwd: terminal.folder,
      env: { ...process.env, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  const submit = async (variables: Record<string, string>) => {
    const process = start(variables, 'submit', 'greet', '--wait')
    const said: Buffer[] = []
    process.stderr?.on('data', (part: Buffer) => said.push(part))
    await once(process, 'close')
    const lines = Buffer.concat(said).toString().split('\n')
    return { code: process.exitCode, said: lines.filter((line) => line.startsWith('traces:')) }
  }
  before(async () => {
    terminal = recordTerminal()
    writeFileSync(join(terminal.folder, 'workflows.mjs'), module)
    receiver = await openOtlpReceiver()
    await broker.start()
    const variables = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_RESOURCE_ATTRIBUTES: 'region=here',
    }
    node = start(variables, 'node', '--name', 'n1', '--workflows', 'workflows.mjs')
    const isOver = once(node, 'exit').then(([code]) =>
      Promise.reject(new Error(`the node ended with ${code}`)),
    )
    await Promise.race([node.stdout && once(node.stdout, 'data'), isOver])
    isOver.catch(() => undefined)
  })
  after(async () => {
    if (node.exitCode === null) node.kill('SIGKILL')
    await receiver.close()
    await broker.remove()
    terminal.remove()
  })

  it('work on where no collector is there, and say so once', async () => {
    const { code, said } = await submit({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    })
    expect(code).to.equal(0)
    expect(said).to.have.lengthOf(1)
    expect(said[0]).to.match(/ECONNREFUSED/)
  })

  it('send one trace from client, manager and worker to a collector, all of it before they end', async () => {
    const { code, said } = await submit({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/v1/traces`,
      OTEL_SERVICE_NAME: 'shop',
    })
    expect([code, said]).to.deep.equal([0, []])
    node.kill('SIGTERM')
    await once(node, 'close')
    expect(node.exitCode).to.equal(0)
    const sent = receiver.spans.find(({ name }) => name === 'submit greet')
    const ofTrace = receiver.spans.filter(({ traceId }) => traceId === sent?.traceId)
    const names = new Map(ofTrace.map(({ spanId, name }) => [spanId, name]))
    expect(
      ofTrace.map(({ name, parentSpanId = '' }) => [name, names.get(parentSpanId)]),
    ).to.have.deep.members([
      ['submit greet', undefined],
      ['result greet', 'submit greet'],
      ['assign greet', 'submit greet'],
      ['run greet', 'assign greet'],
    ])
    expect([...receiver.origins].sort()).to.deep.equal([
      '/v1/traces application/json covey here',
      '/v1/traces application/json shop undefined',
    ])
  })
})
