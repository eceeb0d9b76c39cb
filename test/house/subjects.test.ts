import {
  agreedTerms,
  channelNames,
  createSubjects,
  factPhases,
  newsKinds,
  nodeOperations,
  parseSubject,
} from '@covey/protocol'
import { createMemoryBroker, seededRandom, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { defineWorkflow, startNode } from 'covey'

const subjects = createSubjects('test')
const [node, generation, workflow, token] = ['n1', 1, 'job/main', '1.2.3.4']

/** Requests and commands: each must find somebody who handles it. */
const commands = [
  ...nodeOperations.map((operation) => subjects.node(node, generation, operation)),
  ...channelNames.map((name) => subjects.channel(node, generation, name)),
  subjects.command(0),
]
const news = newsKinds.map((kind) => subjects.news(kind, node))
const stored = [
  ...factPhases.map((phase) => subjects.fact(node, generation, phase)),
  ...agreedTerms.map((term) => subjects.agreed(term)),
  subjects.batch(0),
  subjects.claim(0, 7),
  subjects.outbox(0, node, generation, workflow, token),
  subjects.snapshotPart(0, { streamEpoch: 1, epoch: 2, sequence: 3 }, 4),
  subjects.resultPart(0, workflow, token, 4),
]
const streams = [
  subjects.facts,
  subjects.agreedAll,
  subjects.batch(0),
  subjects.claims(0),
  subjects.outboxAll,
  subjects.objects,
]

const matches = (pattern: string, subject: string): boolean => {
  const escaped = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+')
  return new RegExp(`^${escaped}$`).test(subject)
}

describe('subjects', () => {
  it('K20 no command, news or stream of transitions is captured by a stored stream', () => {
    const lossy = [
      ...commands,
      ...news,
      subjects.transition(node, 'peer', 'peer.n2'),
      subjects.progress(0, workflow),
      subjects.statistics(0, workflow),
    ]
    const captured = lossy.filter((subject) => streams.some((pattern) => matches(pattern, subject)))
    expect(captured).to.deep.equal([])
    expect(stored.filter((subject) => !streams.some((pattern) => matches(pattern, subject)))).to.deep.equal(
      [],
    )
  })

  it('are read back as what they were built from', () => {
    for (const subject of [...commands, ...news, ...stored]) {
      expect(parseSubject('test', subject), subject).to.be.an('object')
      expect(parseSubject('other', subject), subject).to.equal(undefined)
    }
    expect(parseSubject('test', subjects.outbox(0, node, generation, workflow, token))).to.deep.equal({
      kind: 'outbox',
      shard: 0,
      node,
      generation,
      workflow,
      token,
    })
  })

  it('S-C1 S-C3 each finds a handler on a node that is manager and worker', async () => {
    const broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster: 'test' })
    const links = broker.open(node)
    const work = defineWorkflow({ name: 'work', version: '1.0.0', run: async () => 1 })
    const running = await startNode({
      name: node,
      cluster: 'test',
      links,
      workflows: [work],
      logger: 'silent',
    })
    await running.ready
    const asking = broker.open('asking')
    const unheard: string[] = []
    for (const subject of [...commands, ...news]) {
      const outcome = await asking.control.request(subject, new Uint8Array([0xc0]), 20)
      if (outcome.kind === 'noResponders') unheard.push(subject)
    }
    expect(unheard).to.deep.equal([])
    await running.close()
    await asking.close()
    await links.close()
  })
})
