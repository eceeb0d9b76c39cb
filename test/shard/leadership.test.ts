import {
  claimMessage,
  commandsMessage,
  defaultRetention,
  foldVersion,
  packValue,
  singleServerTimings,
} from '@covey/protocol'
import { expect } from 'chai'
import { ScriptedClient } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs, leaderHintMs } = singleServerTimings

describe('leadership of a shard', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  /** Claims an epoch behind a sequence, as a manager that is not there otherwise; answers what the log says. */
  const claimAs = async (
    leader: string,
    epoch: number,
    after: number,
    fold = foldVersion,
  ): Promise<string> => {
    const links = scene.world.broker.open(leader)
    const bootId = `${leader}-boot-0123456789`
    const body = {
      streamEpoch: 1,
      epoch,
      leader,
      generation: 1,
      bootId,
      attempt: 1,
      foldVersion: fold,
      // Claims of older folds have none.
      ...(fold < foldVersion ? {} : { retention: defaultRetention }),
      elapsedMs: 0,
    }
    const subject = scene.world.subjects.claim(0, epoch)
    const { kind } = await scene.settled(links.log(0).append(subject, claimMessage.encode(body), after))
    await scene.world.closeLinks(links)
    return kind
  }

  it('K1 a manager that lags behind the log cannot claim it', async () => {
    const leader = await scene.lead('m1')
    await scene.world.run(5_000)
    expect(await claimAs('laggard', 2, 1)).to.equal('fenced')
    expect(await scene.leader()).to.equal(leader)
  })

  it('K19 an idle leader renews by appending, so that nobody claims', async () => {
    const leader = await scene.lead('m1', 'm2', 'm3')
    await scene.world.run(60_000)
    expect(await scene.leader()).to.equal(leader)
    const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
    expect(answer?.type === 'status' && answer.shards[0]?.epoch).to.equal(1)
  })

  it('H13 its first claim is epoch 1, which is kept by renewing, and every other claim has a higher one', async () => {
    const epoch = async (): Promise<number | undefined> => {
      const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
      return answer?.type === 'status' ? answer.shards[0]?.epoch : undefined
    }
    const first = await scene.lead('m1', 'm2', 'm3')
    expect(await epoch()).to.equal(1)
    await scene.world.run(10 * leaderTimeoutMs)
    expect([await epoch(), await scene.leader()]).to.deep.equal([1, first])
    let fromMs = scene.world.clock.now()
    await scene.settled(scene.world.drain(first))
    const second = await scene.leader()
    expect(scene.world.clock.now() - fromMs, 'released').to.be.below(leaderHintMs + 500)
    expect([await epoch(), second === first]).to.deep.equal([2, false])
    fromMs = scene.world.clock.now()
    scene.world.crash(second)
    await scene.leader()
    expect(scene.world.clock.now() - fromMs, 'expired').to.be.above(leaderTimeoutMs - 1_100)
    expect(await epoch()).to.equal(3)
  })

  it('K21 a claim whose acknowledgement is lost is found to be won', async () => {
    scene.world.manager('m1')
    scene.world.broker.faults.lostAcknowledgement = 1
    await scene.world.run(leaderTimeoutMs - 500)
    scene.world.broker.faults.lostAcknowledgement = 0
    await scene.leader()
    const answer = await scene.settled(scene.client.command({ type: 'status.get' }))
    expect(answer?.type === 'status' && answer.shards[0]?.epoch).to.equal(1)
  })

  it('takes over after the silence when nobody tells, and at once when the end of the leader is known', async () => {
    const first = await scene.lead('m1', 'm2', 'm3')
    let fromMs = scene.world.clock.now()
    scene.world.crash(first)
    const second = await scene.leader()
    expect(scene.world.clock.now() - fromMs).to.be.within(leaderTimeoutMs - 1_000, leaderTimeoutMs + 1_000)
    fromMs = scene.world.clock.now()
    scene.world.crash(second)
    scene.world.members.end(second, 'exited')
    await scene.leader()
    expect(scene.world.clock.now() - fromMs).to.be.within(leaderHintMs, leaderHintMs + 500)
  })

  it('K6 a leader that was stopped past its time acts on no late acknowledgement', async () => {
    Object.assign(scene.world.broker.faults, { latencyMinMs: 0.3, latencyMaxMs: 0.3 })
    const first = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 1)
    // Three hops: to the broker, to the leader, to the log. The fourth, the acknowledgement, finds it stopped.
    // The submit is stored while the leader is stopped; it learns of it only after another leads.
    const submitted = scene.client.submit('job')
    await scene.world.run(1)
    scene.world.broker.freeze(first)
    const other = first === 'm1' ? 'm2' : 'm1'
    await scene.world.until('the other leads', () => scene.world.leaders().includes(other))
    // The job was assigned in the batch that submitted it: the next leader asks, and the token is burnt.
    await scene.world.until('a question', () => worker.questions.length > 0)
    const [question] = worker.questions
    if (!question) throw new Error('no question')
    const { token, workflow } = question
    worker.report({ kind: 'burnt', token, workflow, credits: [7], reason: 'never started' })
    await scene.world.until('a dispatch', () => worker.dispatches.length === 1)
    scene.world.broker.thaw(first)
    await scene.world.run(2_000)
    expect(scene.world.leaders()).to.deep.equal([other])
    expect(
      worker.runs.filter(({ dispatches }) => dispatches.length > 0).map(({ leader }) => leader),
    ).to.deep.equal([other])
    await scene.settled(submitted)
  })

  it('K22 what a fenced leader had not acknowledged is answered by nobody, and found by asking the next', async () => {
    const first = await scene.lead('m1', 'm2')
    await scene.world.run(500)
    scene.world.broker.faults.lostAcknowledgement = 1
    const submitted = scene.client.submit('job')
    await scene.world.run(50)
    scene.world.crash(first)
    scene.world.broker.faults.lostAcknowledgement = 0
    await scene.leader()
    expect(await scene.settled(submitted)).to.equal(undefined)
    expect(await scene.stateOf('job/main')).to.equal('queued')
  })

  it('K23 who does not lead stays silent, also about what it does not know', async () => {
    await scene.lead('m1', 'm2', 'm3')
    const seen: string[] = []
    const client = new ScriptedClient(scene.world, 'other')
    const inbox = client.links.control.inbox()
    client.links.control.subscribe(inbox, () => {
      seen.push('answer')
    })
    await scene.settled(client.links.control.flush())
    const frame = commandsMessage.encode({
      client: 'other',
      commands: [{ type: 'result.get', number: 1, workflow: 'none/main' }],
    })
    client.links.control.publish(scene.world.subjects.command(0), frame, inbox)
    await scene.world.run(2_000)
    expect(seen).to.have.length(1)
    await scene.world.closeLinks(client.links)
  })

  for (const fold of [foldVersion - 1, 99])
    it(`K38 a manager follows a leader with fold ${fold}, never leads after it, and says so`, async () => {
      expect(await claimAs('other', 1, 0, fold)).to.equal('appended')
      const { notices } = scene.world.manager('m1')
      await scene.world.run(4 * leaderTimeoutMs)
      expect(scene.world.leaders()).to.deep.equal([])
      expect(notices.find((notice) => notice.startsWith('log.foreign')))
        .to.include('"code":"log_foreign"')
        .and.to.include(`led by fold ${fold}, and this version of Covey has fold ${foldVersion}`)
    })

  it('K20 a message of the log that is neither batch nor claim is skipped, and the shard goes on', async () => {
    const links = scene.world.broker.open('stranger')
    const { subjects } = scene.world
    await scene.settled(links.log(0).append(subjects.batch(0), packValue('no batch'), 0))
    await scene.lead('m1')
    expect(await scene.settled(scene.client.submit('job'))).to.include({ type: 'submitted' })
    await scene.world.closeLinks(links)
  })

  it('hands over at once when its manager is drained', async () => {
    const first = await scene.lead('m1', 'm2')
    const fromMs = scene.world.clock.now()
    const drained = scene.world.drain(first)
    await scene.settled(drained)
    await scene.world.until('another leads', () => scene.world.leaders().some((name) => name !== first))
    expect(scene.world.clock.now() - fromMs).to.be.below(leaderHintMs + 500)
  })

  it('K21 a claim that is answered when nobody waits for it any more stops no manager from following', async () => {
    scene.world.manager('m1')
    await scene.world.run(100)
    // Its claim is stored; the acknowledgement waits at the door of the stopped process until the claim is given up.
    scene.world.broker.freeze('m1')
    await scene.world.run(leaderTimeoutMs + 1_000)
    scene.world.broker.thaw('m1')
    await scene.world.run(50)
    expect(scene.world.leaders()).to.deep.equal([])
    expect(await claimAs('other', 2, 1)).to.equal('appended')
    expect(await scene.leader()).to.equal('m1')
  })
})
