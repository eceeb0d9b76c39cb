import { createSubjects, exitedMessage, limits, orderAnswer } from '@covey/protocol'
import { createMemoryBroker, type MemoryBroker, seededRandom, systemClock } from '@covey/transport'
import { expect } from 'chai'
import type { NodeExit } from '../../packages/cli/src/launch/child-node.js'
import { type LiveManager, tellExit } from '../../packages/cli/src/launch/tell-exit.js'

const subjects = createSubjects('main')
const bootId = 'the-run-of-worker-2'
const exit: NodeExit = {
  ...{ name: 'worker-2', roles: ['worker'], pid: 4_711, bootId, how: 'SIGKILL' },
  ...{ wanted: false, left: false, error: undefined },
}
const managers: LiveManager[] = [
  { name: 'manager-1', generation: 3 },
  { name: 'manager-2', generation: 1 },
]

describe('the exit of a child', () => {
  let broker: MemoryBroker
  beforeEach(() => {
    broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster: 'main' })
  })

  const tell = (
    signal = new AbortController().signal,
    live: () => LiveManager[] = () => managers,
    of: NodeExit = exit,
  ) => {
    const { control: bus } = broker.open('launcher')
    return tellExit(of, { bus, subjects, clock: systemClock, managers: live, signal })
  }

  /** Answers as a manager of that generation; the first answers are refusals. */
  const answerAs = (
    { name, generation }: LiveManager,
    refusals = 0,
    code: 'unavailable' | 'not_found' = 'unavailable',
  ): unknown[] => {
    const heard: unknown[] = []
    const { control } = broker.open(name)
    control.subscribe(subjects.channel(name, generation, 'exited'), ({ data, reply }) => {
      heard.push(exitedMessage.decode(data))
      const error = { code, message: 'no fact yet' } as const
      control.publish(reply ?? '', orderAnswer.encode(heard.length > refusals ? {} : { error }))
    })
    return heard
  }

  it('K49 is told to a manager with the name, the pid, the run and how', async () => {
    const heard = answerAs(managers[0]!)
    expect(await tell()).to.equal('manager-1')
    expect(heard).to.deep.equal([{ node: 'worker-2', pid: 4_711, bootId, how: 'SIGKILL' }])
  })

  it('K49 is told to the next manager where one is gone', async () => {
    answerAs(managers[1]!)
    expect(await tell()).to.equal('manager-2')
  })

  it('K49 is told again to a manager that could not note it', async () => {
    const heard = answerAs(managers[0]!, 2)
    expect(await tell(undefined, () => [managers[0]!])).to.equal('manager-1')
    expect(heard).to.have.length(3)
  })

  it('K49 is told to the next manager where the answer of one cannot be read', async () => {
    const [strange, good] = managers
    const { control } = broker.open('strange')
    control.subscribe(subjects.channel(strange!.name, strange!.generation, 'exited'), ({ reply }) => {
      control.publish(reply ?? '', new Uint8Array([0xc1]))
    })
    answerAs(good!)
    expect(await tell()).to.equal('manager-2')
  })

  it('is told no more when managers say again and again that no such run has joined', async () => {
    const heard = answerAs(managers[0]!, Number.POSITIVE_INFINITY, 'not_found')
    expect(await tell(undefined, () => [managers[0]!])).to.equal(undefined)
    expect(heard).to.have.length(limits.exitUnknownAnswersMax)
  })

  it('K49 is told to nobody where the child has not said which run it is', async () => {
    const heard = answerAs(managers[0]!)
    expect(await tell(undefined, undefined, { ...exit, bootId: undefined })).to.equal(undefined)
    expect(heard).to.deep.equal([])
  })

  it('is told as soon as there is a manager', async () => {
    const live: LiveManager[] = []
    const told = tell(undefined, () => live)
    answerAs(managers[1]!)
    live.push(managers[1]!)
    expect(await told).to.equal('manager-2')
  })

  it('is told no more when the cluster ends', async () => {
    expect(await tell(AbortSignal.abort())).to.equal(undefined)
  })
})
