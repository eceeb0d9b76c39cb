import { statelyLimits } from '@covey/inspector'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { InspectorSocket, type TextSocket } from '../../packages/inspector/src/stately/inspector-socket.js'
import {
  eventText,
  type StatelyActor,
  snapshotText,
} from '../../packages/inspector/src/stately/wire-message.js'

interface Sent {
  readonly type: string
  readonly sessionId: string
  readonly snapshot?: { readonly status: string; readonly value: string }
}

/** A socket whose reader takes as much as it is told to. */
class ScriptedSocket implements TextSocket {
  readonly sent: Sent[] = []
  readonly OPEN = 1
  readyState: 0 | 1 | 2 | 3 = 1
  bufferedAmount = 0

  send(text: unknown): void {
    this.sent.push(JSON.parse(String(text)))
  }

  terminate(): void {
    this.readyState = 3
  }
}

const actorOf = (
  sessionId: string,
  state: string,
  status: StatelyActor['status'] = 'active',
): StatelyActor => ({
  ...{ sessionId, rootId: 'root', parentId: 'root', name: sessionId, definition: '{}' },
  ...{ status, state, context: {}, owner: undefined },
})

/** Actors that begin, move and end by chance, told to an inspector that reads by chance. */
function play(seed: number, messagesQueuedMax: number) {
  const random = seededRandom(seed)
  const actors = new Map<string, StatelyActor>([['a0', actorOf('a0', 's0')]])
  const socket = new ScriptedSocket()
  const limits = { ...statelyLimits, messagesPerSendMax: 3, messagesQueuedMax }
  const inspector = new InspectorSocket(socket, actors, limits)
  const ended = new Set<string>()
  for (let step = 1; step < 300 && socket.readyState === 1; step += 1) {
    const pick = [...actors.keys()][Math.floor(random.next() * actors.size)] ?? ''
    const chance = random.next()
    if (chance < 0.2 || pick === '') {
      const actor = actorOf(`a${step}`, `s${step}`)
      actors.set(actor.sessionId, actor)
      inspector.begin(actor, step)
    } else if (chance < 0.8) {
      const actor = actorOf(pick, `s${step}`)
      actors.set(pick, actor)
      inspector.move(pick, [eventText(actor, 'moved', step), snapshotText(actor, 'moved', step)])
    } else if (chance < 0.85) {
      const actor = actorOf(pick, `s${step}`, 'stopped')
      actors.delete(pick)
      ended.add(pick)
      inspector.end(pick, [snapshotText(actor, 'xstate.stop', step)])
    } else inspector.send(step)
  }
  for (let turn = 0; inspector.isBehind && turn < 1_000; turn += 1) inspector.send(1_000)
  return { socket, actors, ended, inspector }
}

/** What does not fit together in what was sent: an actor told twice, or something of one that was not told of. */
function outOfOrder(sent: readonly Sent[]): string[] {
  const known = new Set<string>()
  return sent.flatMap(({ type, sessionId }) => {
    const isKnown = known.has(sessionId)
    known.add(sessionId)
    return isKnown === (type !== '@xstate.actor') ? [] : [`${type} of ${sessionId}`]
  })
}

/** The state that each actor was last told to be in, and which have ended. */
function lastOf(sent: readonly Sent[]) {
  const last = new Map(
    sent.flatMap(({ sessionId, snapshot }) =>
      snapshot === undefined ? [] : [[sessionId, snapshot] as const],
    ),
  )
  const told = [...last].map(([sessionId, { status, value }]) => ({ sessionId, status, value }))
  return {
    living: told
      .filter(({ status }) => status === 'active')
      .map(({ sessionId, value }) => `${sessionId} ${value}`),
    ended: told.filter(({ status }) => status === 'stopped').map(({ sessionId }) => sessionId),
  }
}

const seeds = Array.from({ length: 60 }, (_, index) => index + 1)

describe('what one inspector of Stately is told', () => {
  for (const queued of [6, 40, 10_000]) {
    const games = () => seeds.map((seed) => ({ seed, ...play(seed, queued) }))

    it(`is each actor once and before its events, with ${queued} messages of patience`, () => {
      for (const { seed, socket } of games())
        expect(outOfOrder(socket.sent), `seed ${seed}`).to.deep.equal([])
    })

    it(`is the truth in the end, with ${queued} messages of patience`, () => {
      const followed = games().filter(({ socket }) => socket.readyState === 1)
      expect(followed.length).to.be.above(queued < 10 ? 0 : seeds.length - 1)
      for (const { seed, socket, actors, ended, inspector } of followed) {
        expect(inspector.isBehind).to.equal(false)
        const { living, ended: toldEnded } = lastOf(socket.sent)
        const truth = [...actors.values()].map(({ sessionId, state }) => `${sessionId} ${state}`)
        expect(living, `seed ${seed}`).to.have.members(truth)
        expect([...ended], `seed ${seed}`).to.include.members(toldEnded)
      }
    })
  }

  it('waits while what was sent has not been read', () => {
    const socket = new ScriptedSocket()
    const inspector = new InspectorSocket(socket, new Map([['a', actorOf('a', 's')]]), statelyLimits)
    socket.bufferedAmount = statelyLimits.socketBufferBytesMax + 1
    inspector.send(1)
    expect(socket.sent).to.deep.equal([])
    socket.bufferedAmount = 0
    inspector.send(2)
    expect(socket.sent).to.have.length(1)
    expect(inspector.isBehind).to.equal(false)
  })
})
