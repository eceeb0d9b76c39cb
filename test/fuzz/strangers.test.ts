import { activeFact, batchMessage, CoveyError, claimMessage, joinedFact } from '@covey/protocol'
import { type BusMessage, seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { double } from '../covey/cluster-world.js'
import { FrameMutator } from './frame-mutator.js'
import { fuzzSeed } from './fuzz-size.js'
import { FuzzedCluster } from './fuzzed-cluster.js'
import { validFrames } from './valid-frames.js'

const frameOf = (kind: string): Uint8Array => validFrames.get(kind) as Uint8Array

const isRead = (decode: (data: Uint8Array) => unknown, data: Uint8Array): boolean => {
  try {
    decode(data)
    return true
  } catch {
    return false
  }
}

describe('A cluster with a stranger on its bus', () => {
  let cluster: FuzzedCluster
  let mutator: FrameMutator

  beforeEach(async () => {
    cluster = new FuzzedCluster()
    mutator = new FrameMutator(seededRandom(fuzzSeed))
    await cluster.form()
  })
  afterEach(() => cluster.close())

  it(`K20 skips 300 spoilt messages in its log, and loses no job (seed ${fuzzSeed})`, async () => {
    const { control } = cluster.attacker
    const { subjects } = cluster
    const job = await cluster.during(cluster.user.submit(double, 4, { id: 'under-way' }))
    for (let sent = 0; sent < 300; ) {
      const isBatch = sent % 2 === 0
      const message = isBatch ? batchMessage : claimMessage
      const data = mutator.next(frameOf(message.kind))
      if (isRead(message.decode, data)) continue
      control.publish(isBatch ? subjects.batch(0) : subjects.claim(0, 1_000 + sent), data)
      sent += 1
      await cluster.pass(sent % 10 === 0 ? 100 : 1)
    }
    const { shards } = await cluster.during(cluster.user.status())
    expect(shards[0]?.sequence).to.be.above(300)
    expect(await cluster.during(job.result())).to.equal(8)
    await cluster.works('after')
    expect(cluster.defects).to.deep.equal([])
  })

  it(`is not misled by a member whose answers are all spoilt: it is given up, and work goes on (seed ${fuzzSeed})`, async () => {
    const { control, facts } = cluster.attacker
    const { subjects } = cluster
    const answer = ({ reply }: BusMessage): void => {
      if (reply !== undefined) control.publish(reply, mutator.next(frameOf('node.probed')))
    }
    const stop = control.subscribe(subjects.nodeInbox('ghost', 1), answer)
    await cluster.during(facts.create(subjects.fact('ghost', 1, 'joined'), frameOf('member.joined')))
    await cluster.during(
      facts.create(
        subjects.fact('ghost', 1, 'active'),
        activeFact.encode({ bootId: joinedFact.decode(frameOf('member.joined')).bootId }),
      ),
    )
    await cluster.pass(30_000)
    stop()
    await cluster.works('after')
    expect(cluster.defects).to.deep.equal([])
    expect(cluster.notices.some(({ kind }) => kind === 'frame.refused')).to.equal(true)
  })

  it(`tells a client whose answers are spoilt one clear error, or the right answer, and nothing else (seed ${fuzzSeed})`, async () => {
    const { control } = cluster.attacker
    const stop = control.subscribe(cluster.subjects.command(0), ({ reply }) => {
      if (reply !== undefined) control.publish(reply, mutator.next(frameOf('client.answers')))
    })
    for (let number = 0; number < 100; number += 1) {
      const outcome = await cluster.during(
        cluster.user.status({ deadlineMs: 5_000 }).then(
          ({ cluster: name }) => name,
          (error: unknown) => (error instanceof CoveyError ? error.code : String(error)),
        ),
      )
      expect(['test', 'invalid_message', 'no_leader', 'workflow_failed']).to.include(outcome)
    }
    stop()
    await cluster.works('after')
    expect(cluster.defects).to.deep.equal([])
  })
})
