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

  beforeEach(() => {
    lines = []
    clock = new HeapClock()
    const at = (level: string) => (fields: unknown, text?: string) =>
      lines.push([level, fields as Line[1], text ?? ''])
    const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
    log = transitionLog({ ...logger, isLevelEnabled: (level: string) => level !== 'debug' }, clock)
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

  it('names birth and end, and leaves out what its level does', async () => {
    log.transition(moved('peer', 'a', '', 'unverified', 'xstate.init'))
    log.transition(moved('peer', 'a', 'forgotten', '', 'xstate.done'))
    log.transition(moved('attempt', 'b', '', 'starting', 'xstate.init'))
    await Promise.resolve()
    expect(lines.map(([, , text]) => text)).to.deep.equal([
      'peer begins -> unverified',
      'peer forgotten -> ends',
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
