import {
  drawFaults,
  drawTrace,
  faultKinds,
  nodeNames,
  parseFaultKinds,
  parseTrace,
  simulationLimits,
  simulationOf,
  type Trace,
  traceText,
} from '@covey/simulator'
import { expect } from 'chai'

const trace: Trace = {
  version: 1,
  seed: 5,
  nodes: 3,
  minutes: 4,
  faults: drawFaults({ seed: 5, nodes: nodeNames(3), durationMs: 240_000, kinds: faultKinds }),
}

describe('A trace', () => {
  it('is read as it was written, and has a line for each fault', () => {
    const text = traceText(trace)
    expect(parseTrace(JSON.parse(text))).to.deep.equal(trace)
    expect(text.split('\n').filter((line) => line.includes('"kind"'))).to.have.length(trace.faults.length)
    expect(parseTrace(JSON.parse(traceText({ ...trace, faults: [] })))).to.have.deep.property('faults', [])
  })

  it('holds what clients do where there is work, and none of it where there is none', () => {
    const worked = drawTrace({ seed: 5, nodes: 3, minutes: 4, kinds: [], jobs: 20 })
    expect(worked.errands?.filter(({ kind }) => kind === 'submit')).to.have.length(20)
    expect(worked.errands?.some(({ kind }) => kind !== 'submit')).to.equal(true)
    expect(parseTrace(JSON.parse(traceText(worked)))).to.deep.equal(worked)
    expect(drawTrace({ seed: 5, nodes: 3, minutes: 4, kinds: [] })).not.to.have.property('errands')
  })

  it('has one shard unless it says otherwise', () => {
    expect(simulationOf(trace)).not.to.have.property('shards')
    const options = { seed: 5, nodes: 3, minutes: 4, kinds: [], jobs: 2 }
    const several = drawTrace({ ...options, shards: 4 })
    expect(simulationOf(parseTrace(JSON.parse(traceText(several))))).to.have.property('shards', 4)
    const { shards, ...rest } = several
    expect([shards, drawTrace(options)]).to.deep.equal([4, rest])
  })

  it('is refused with the place of what is wrong', () => {
    const [fault] = trace.faults
    const cancel = { kind: 'cancel', atMs: 1, client: 0, job: 'j1' }
    const wrong: readonly [content: unknown, words: string][] = [
      [null, 'the file'],
      [{ ...trace, seed: -1 }, 'seed'],
      [{ ...trace, nodes: simulationLimits.nodesMax + 1 }, 'nodes'],
      [{ ...trace, faults: [{ ...fault, kind: 'flood' }] }, 'faults.0.kind'],
      [{ ...trace, faults: [fault, { ...fault, atMs: -1 }] }, 'faults.1.atMs'],
      [{ ...trace, faults: [{ ...fault, kind: 'disconnect', node: 'n4' }] }, 'faults.0.node: there is no n4'],
      [{ ...trace, faults: [{ ...fault, atMs: 240_001 }] }, 'faults.0.atMs: it is after'],
      [
        { ...trace, faults: [{ kind: 'sharedAddress', node: 'n1', with: 'n4', atMs: 0, forMs: 0 }] },
        'faults.0.with: there is no n4',
      ],
      [{ ...trace, shards: 0 }, 'shards'],
      [{ ...trace, shards: 65 }, 'shards'],
      [{ ...trace, more: 1 }, 'more'],
      [{ ...trace, errands: [{ ...cancel, kind: 'steal' }] }, 'errands.0.kind'],
      [{ ...trace, errands: [{ ...cancel, atMs: 240_001 }] }, 'errands.0.atMs: it is after'],
    ]
    for (const [content, words] of wrong) expect(() => parseTrace(content)).to.throw(words)
  })

  it('is drawn from its seed alone, within its time, of the kinds that were named', () => {
    const kinds = parseFaultKinds('crash,weather')
    const draw = (seed: number) => drawFaults({ seed, nodes: nodeNames(3), durationMs: 600_000, kinds })
    expect(draw(1)).to.deep.equal(draw(1))
    expect(draw(1)).not.to.deep.equal(draw(2))
    expect(new Set(draw(1).map(({ kind }) => kind))).to.deep.equal(new Set(kinds))
    for (const { atMs } of draw(1)) expect(atMs).to.be.within(0, 600_000)
    expect(drawFaults({ seed: 1, nodes: nodeNames(3), durationMs: 600_000, kinds: [] })).to.deep.equal([])
  })

  it('draws every kind of fault there is', () => {
    const drawn = drawFaults({ seed: 1, nodes: nodeNames(3), durationMs: 6_000_000, kinds: faultKinds })
    expect(new Set(drawn.map(({ kind }) => kind))).to.deep.equal(new Set(faultKinds))
  })

  it('names the kinds there are where one is none of them', () => {
    expect(parseFaultKinds('all')).to.deep.equal(faultKinds)
    expect(parseFaultKinds('none')).to.deep.equal([])
    expect([faultKinds.includes('restore'), parseFaultKinds('all,restore')]).to.deep.equal([
      false,
      [...faultKinds, 'restore'],
    ])
    expect(() => parseFaultKinds('crash,flood')).to.throw('"flood" is none of crash, exit')
  })
})
