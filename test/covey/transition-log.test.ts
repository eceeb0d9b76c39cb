import { HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type NodeTransition, type TransitionLog, transitionLog } from 'covey/assembly'

type Line = [level: string, fields: Record<string, unknown>, text: string]

const moved = (
  kind: string,
  actor: string,
  from: string,
  to: string,
  event = 'link.lost',
): NodeTransition => ({
  kind,
  actor,
  from,
  event,
  to,
  at: { local: 1 },
  elapsedMs: 1,
})

describe('The log of a node', () => {
  let lines: Line[]
  let clock: HeapClock
  let log: TransitionLog
  let isDebug: boolean

  beforeEach(() => {
    lines = []
    isDebug = false
    clock = new HeapClock()
    const at = (level: string) => (fields: unknown, text?: string) =>
      lines.push([level, fields as Line[1], text ?? ''])
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
    log = transitionLog({ ...logger, isLevelEnabled: (level: string) => isDebug || level !== 'debug' }, clock)
  })

  it('has one line for all actors that one event moved alike in one turn', async () => {
    for (let index = 0; index < 20; index += 1)
      log.transition(moved('peer', `peer/${index}`, 'active', 'suspect'))
    log.transition(moved('node', 'node', 'active', 'leaving', 'node.leave'))
    await Promise.resolve()
    expect(lines.map(([level, , text]) => [level, text])).to.deep.equal([
      ['warn', 'peer active -> suspect'],
      ['info', 'node active -> leaving'],
    ])
    expect(lines[0]?.[1]).to.include({ count: 20, event: 'link.lost' })
    expect(lines[0]?.[1].actors).to.have.lengthOf(8)
  })

  it('K41 warns of a leader that hears no worker or is heard by none, and not of one that hands over or leaves', async () => {
    for (const [event, to] of [
      ['workers.silent', 'releasing'],
      ['answers.lost', 'releasing'],
      ['leadership.release', 'releasing'],
      ['leadership.withdraw', 'withdrawing'],
    ] as const)
      log.transition(moved('leadership', 'leadership.0', 'leading', to, event))
    await Promise.resolve()
    expect(lines.map(([level, { event }]) => [level, event])).to.deep.equal([
      ['warn', 'workers.silent'],
      ['warn', 'answers.lost'],
      ['info', 'leadership.release'],
      ['info', 'leadership.withdraw'],
    ])
  })

  it('names an actor once that did the same again and again in one turn, with how often', async () => {
    for (let times = 0; times < 4; times += 1)
      log.transition(moved('peer', `peer.worker-${times % 2}`, 'active', 'suspect'))
    await Promise.resolve()
    expect(lines).to.have.lengthOf(1)
    expect(lines[0]?.[1]).to.deep.include({ actors: ['peer.worker-0', 'peer.worker-1'], count: 4 })
  })

  it('names birth and end', async () => {
    isDebug = true
    log.transition(moved('peer', 'a', '', 'unverified', 'xstate.init'))
    log.transition(moved('peer', 'a', 'forgotten', '', 'xstate.done'))
    log.transition(moved('attempt', 'b', '', 'starting', 'xstate.init'))
    await Promise.resolve()
    expect(lines.map(([, , text]) => text)).to.deep.equal([
      'peer begins -> unverified',
      'peer forgotten -> ends',
      'attempt begins -> starting',
    ])
  })

  it('has a life in a few lines: no steps on the way, and no word of a worker that is full for a moment', async () => {
    for (const [kind, ...path] of [
      ['node', '', 'idle', 'dialing', 'joining', 'active', 'leaving', 'departed'],
      ['worker', '', 'registering', 'ready', 'full', 'ready', 'full', 'fenced', 'ready', 'stopped'],
      ['peer', '', 'unverified', 'joining', 'active', 'suspect', 'active', 'departed', 'forgotten', ''],
      ['attempt', '', 'starting', 'running', 'done', ''],
    ] as const) {
      for (const [index, to] of path.slice(1).entries())
        log.transition(moved(kind, kind, path[index] ?? '', to))
    }
    await Promise.resolve()
    expect(lines.map(([level, , text]) => `${level} ${text}`)).to.deep.equal([
      'info node joining -> active',
      'info node active -> leaving',
      'info node leaving -> departed',
      'info worker registering -> ready',
      'warn worker full -> fenced',
      'info worker fenced -> ready',
      'info worker ready -> stopped',
      'info peer joining -> active',
      'warn peer active -> suspect',
      'info peer suspect -> active',
      'info peer active -> departed',
    ])
  })

  it('tells a notice that repeats once in ten seconds, with how often it came', () => {
    const waiting = { kind: 'store.waiting', what: 'outbox', reason: 'full' } as const
    for (let index = 0; index < 5; index += 1) log.notice(waiting)
    clock.advance(10_000)
    log.notice(waiting)
    log.notice({ kind: 'defect', what: 'a part threw', error: new Error('x') })
    expect(lines.map(([level, fields, text]) => [level, text, fields.repeated])).to.deep.equal([
      ['warn', 'store.waiting', 0],
      ['warn', 'store.waiting', 4],
      ['error', 'defect', 0],
    ])
  })
})
