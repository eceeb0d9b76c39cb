import { createSubjects, departedFact, joinedFact } from '@covey/protocol'
import {
  createMemoryBroker,
  type Links,
  type MemoryBroker,
  seededRandom,
  systemClock,
} from '@covey/transport'
import { expect } from 'chai'
import { connect } from 'covey'
import { unlessNobody } from '../../packages/cli/src/nobody-there.js'
import { eventually } from './calls.js'

const url = 'nats://127.0.0.1:4222'
const subjects = createSubjects('c')
const joined = joinedFact.encode({
  ...{ bootId: 'b'.repeat(16), host: 'h', pid: 1, roles: ['manager'], slots: 0 },
  ...{ version: '1', since: '2026-01-31T12:00:00.000Z' },
})
const departed = departedFact.encode({ kind: 'left', by: 'm1' })

describe('A broker that answers', () => {
  let broker: MemoryBroker
  let closers: (() => Promise<void>)[]
  let said: string[]
  beforeEach(() => {
    broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster: 'c' })
    closers = []
    said = []
  })
  afterEach(async () => {
    for (const close of closers.reverse()) await close()
  })

  const open = (name: string): Links => {
    const links = broker.open(name)
    closers.push(() => links.close())
    return links
  }
  const look = async (): Promise<never> => {
    const links = open('cli')
    const client = await connect({ links, cluster: 'c' })
    closers.push(() => client.close())
    return unlessNobody({ client, links, address: { url }, say: (line) => said.push(line) })
  }

  for (const [what, facts] of [
    ['never had a node', []],
    [
      'has departed nodes only',
      [
        ['joined', joined],
        ['departed', departed],
      ],
    ],
  ] as const) {
    it(`while its cluster ${what} is told within a few seconds, with what to look at`, async () => {
      for (const [phase, data] of facts) await open(phase).facts.create(subjects.fact('m1', 1, phase), data)
      const startedAtMs = performance.now()
      const error = await look().catch((thrown: unknown) => thrown)
      expect(performance.now() - startedAtMs).to.be.below(15_000)
      expect(error).to.include({
        code: 'no_leader',
        message: `the broker at ${url} answers, but no node of cluster c does`,
      })
      expect(error).to.have.property('mend').that.contains('--cluster').and.contains('covey up')
    })
  }

  it('while the nodes of its cluster are away is waited for, and the user told of them', async () => {
    await open('m1').facts.create(subjects.fact('m1', 1, 'joined'), joined)
    void look()
    await eventually('it is told', () => said.length > 0)
    expect(said).to.deep.equal(['no manager of cluster c answers; waiting, since it has m1'])
  })

  it('where a manager listens, though it does not lead and is silent, is left to the command', async () => {
    open('m1').control.subscribe(subjects.command(0), () => undefined)
    const first = await Promise.race([look(), new Promise((resolve) => setTimeout(resolve, 2_500, 'left'))])
    expect([first, said]).to.deep.equal(['left', []])
  })
})
