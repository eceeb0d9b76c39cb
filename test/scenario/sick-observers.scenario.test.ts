import type { NodePart } from '@covey/actors'
import { departedFact } from '@covey/protocol'
import { expect } from 'chai'
import { breeze, type Stage, scenario } from './stage.js'

/** Work that does not end by itself. */
const stuck: NodePart = {
  open: () => undefined,
  activate: () => undefined,
  drain: () => new Promise(() => undefined),
  fence: () => undefined,
  close: () => undefined,
}

/** What may be the matter with everybody else, or with all, while one says goodbye. */
const troubles: readonly ((stage: Stage, other: string) => void)[] = [
  (stage, other) => stage.node(other).freeze(),
  (stage, other) => stage.node(other).kill(),
  (stage, other) => stage.world.broker.cut(other),
  (stage, other) => stage.goodbye(other),
  (stage) => stage.world.broker.stop(),
  (stage) => stage.world.broker.cut('leaver', 'toProcess'),
  (stage) => Object.assign(stage.world.broker.faults, { lostMessage: 1, lostWrite: 1 }),
]

describe('sick and leaving observers', () => {
  scenario(
    'invariant 25 a leave ends by its deadline and a second, whatever others do',
    breeze,
    async (stage, seed) => {
      const others = ['a', 'b', 'c']
      await stage.forms([...others], 3_000)
      const leaver = stage.start('leaver', { parts: () => [stuck] })
      await stage.knows(['leaver', ...others], 3_000)
      for (const other of others) troubles[seed % troubles.length]?.(stage, other)
      await stage.world.awaiting(leaver.leave(), 11_000)
      expect(leaver.end).to.deep.equal({ state: 'departed', reason: 'left' })
      stage.world.broker.start()
      Object.assign(stage.world.broker.faults, { lostMessage: 0, lostWrite: 0 })
    },
  )

  scenario('S10 invariant 17 who leaves has no vote, and none is waited for', breeze, async (stage) => {
    const names = ['a', 'b', 'c', 'd']
    for (const name of names) stage.start(name, { parts: () => [stuck] })
    await stage.knows(names, 3_000)
    await stage.run(4_000)
    stage.goodbye('a')
    stage.goodbye('b')
    await stage.run(300)
    stage.node('c').kill()
    // Three votes would depart it after some two seconds; of one observer a whole lease of silence is wanted.
    await stage.world.until(() => stage.node('d').members.find('c')?.state === 'suspect', 2_500)
    await stage.holds({ d: {} }, 4_500)
    expect(stage.node('d').members.find('c')?.state).to.equal('suspect')
    await stage.sees({ d: { c: 'gone' } }, 10_000)
    const subject = stage.world.subjects.fact('c', 1, 'departed')
    const read = await stage.world.awaiting(stage.node('d').env.links.facts.read(subject), 1_000)
    const fact = read.kind === 'found' ? departedFact.decode(read.fact.data) : undefined
    expect(fact?.evidence).to.deep.equal({ quorum: 1, electorate: ['d'], votes: ['d'] })
  })

  scenario('S10 a node that hears nobody takes nobody along', breeze, async (stage, seed) => {
    const names = ['a', 'b', 'c', 'd', 'e']
    await stage.forms(names, 3_000)
    await stage.run(4_000)
    if (seed % 2 === 0) stage.world.broker.cut('e', 'toProcess')
    else {
      stage.world.heap.setTimeout(() => stage.node('e').thaw(), 5_000)
      stage.node('e').freeze()
    }
    const well = ['a', 'b', 'c', 'd']
    const sight = Object.fromEntries(
      well.map((name) => [
        name,
        Object.fromEntries(well.filter((other) => other !== name).map((other) => [other, 'here' as const])),
      ]),
    )
    await stage.holds(sight, 12_000)
    stage.world.broker.heal('e')
    await stage.knows(names, 10_000)
    for (const name of well)
      expect(stage.node(name).endings.filter((ending) => !ending.startsWith('e.'))).to.deep.equal([])
  })
})
