import { expect } from 'chai'
import { connect, startNode } from 'covey'
import type { Finding } from '../../packages/cli/src/doctor/finding.js'
import { callCovey } from '../cli/calls.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'
import { rejection } from '../transport/transport-world.js'
import { type FakeServer, startFakeServer } from './fake-server.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

const right = { user: 'ann', password: 'right' }
const users = 'users: [{ user: ann, password: right }]'
const store = 'jetstream { store_dir: "DIR/store" }\n'

/** Brokers of somebody else that a cluster cannot live on, and what everybody is told who comes there. */
const brokers = [
  {
    what: 'runs without JetStream',
    config: '',
    code: 'broker_unsuitable',
    text: /nats-server .*without JetStream/,
    exit: 4,
  },
  {
    what: 'runs JetStream, but not for this account',
    config: `${store}accounts { A { ${users} },\n B { jetstream: enabled,\n users: [{ user: b, password: b }] } }\nno_auth_user: ann`,
    code: 'broker_unsuitable',
    text: /not for this account/,
    exit: 4,
  },
  {
    what: 'asks for credentials',
    config: `${store}authorization { ${users} }`,
    code: 'permission_denied',
    text: /refuses these credentials/,
    exit: 3,
  },
] as const

describe('A real nats-server that', () => {
  let terminal: RecordedTerminal
  let server: PlainServer | undefined
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(async () => {
    terminal.remove()
    await server?.stop()
  })

  const call = (...args: string[]) => callCovey(terminal.folder, ...args, '--server', server?.url ?? '')

  for (const { what, config, code, text, exit } of brokers) {
    it(`${what} is told of once, by its code, to clients, nodes, commands and doctor`, async () => {
      server = await startPlainServer(config)
      const { url } = server
      const start = () => startNode({ name: 'n', server: url, logger: 'silent' })
      for (const come of [() => connect({ server: url }), start]) {
        const error = await rejection(come())
        expect(error).to.include({ code, retryable: false })
        expect(error).to.have.property('message').that.matches(text)
      }
      const submit = await call('submit', 'greet')
      expect([submit.code, submit.stdout]).to.deep.equal([exit, ''])
      expect(submit.stderr.match(/error /g)).to.have.length(1)
      expect(submit.stderr).to.contain(`error ${code}`)
      const doctor = await call('doctor', '--json')
      const { checks } = JSON.parse(doctor.stdout) as { checks: Finding[] }
      const broker = checks.find(({ check }) => check === 'broker')
      expect(broker).to.include({ state: 'fail' }).and.to.have.property('detail').that.matches(text)
      expect(broker).to.have.property('where').that.contains(new URL(url).port)
      expect(doctor.code).to.equal(1)
    })
  }

  it('asks for credentials takes those that are right, and says the same of wrong ones', async () => {
    server = await startPlainServer(`${store}authorization { ${users} }`)
    const { url } = server
    const wrong = { ...right, password: 'wrong' }
    expect(await rejection(connect({ server: url, credentials: wrong }))).to.include({
      code: 'permission_denied',
    })
    const client = await connect({ server: url, credentials: right })
    await client.close()
  })
})

describe('doctor, of a broker that is not at hand,', () => {
  const answers = { CONNECT: "-ERR 'Authorization Violation'" }
  for (const [what, fake, text] of [
    ['that is older than 2.9', { version: '2.8.4', jetstream: true }, /broker_unsuitable: .*2\.8\.4/],
    ['that refuses whoever comes', { version: '2.9.10', jetstream: true, answers }, /permission_denied/],
  ] as const satisfies readonly [string, FakeServer, RegExp][]) {
    it(`finds one ${what}`, async () => {
      const terminal = recordTerminal()
      const server = await startFakeServer(fake)
      const { code, stdout } = await callCovey(terminal.folder, 'doctor', '--server', server?.url ?? '')
      await server.close()
      terminal.remove()
      expect(code).to.equal(1)
      expect(stdout)
        .to.match(/broker +fail/)
        .and.to.match(text)
    })
  }
})
