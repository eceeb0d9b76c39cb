import { expect } from 'chai'
import {
  boxLines,
  inOrder,
  jobBoxes,
  jobLayout,
  stackMin,
} from '../../packages/inspector/page/model/job-graph.js'
import { stepRow } from './rows.js'

const fan = (width: number) => {
  const names = Array.from({ length: width }, (_, index) => `count-${index}`)
  return [stepRow('plan', []), ...names.map((name) => stepRow(name, ['plan'])), stepRow('merge', names)]
}

describe('the graph of a job', () => {
  it('draws a wide fan of equal steps as one stack, however wide it is', () => {
    const boxes = jobBoxes(fan(10_000))
    expect(boxes.map(({ steps }) => steps.length)).to.deep.equal([1, 10_000, 1])
    expect(boxes.map(({ after }) => after)).to.deep.equal([[], ['plan'], ['count-0']])
    expect(jobLayout(boxes).edges?.map(({ id }) => id)).to.deep.equal(['plan count-0', 'count-0 merge'])
  })

  it('draws few steps each by itself, and those apart that others wait for differently', () => {
    expect(jobBoxes(fan(stackMin - 1)).length).to.equal(stackMin + 1)
    const apart = [...fan(stackMin), stepRow('late', ['count-0'])]
    expect(jobBoxes(apart).map(({ steps }) => steps.length)).to.deep.equal([1, 1, 1, 1, 1, 1, 1, 1])
  })

  it('lists every step behind all that it waits for, and equals by their names as numbers count', () => {
    const steps = [
      stepRow('end', ['b-10', 'b-9', 'a']),
      stepRow('b-10', ['a']),
      stepRow('b-9', ['a']),
      stepRow('a', []),
    ]
    expect(inOrder(steps).map(({ step }) => step)).to.deep.equal(['a', 'b-9', 'b-10', 'end'])
  })

  it('keeps its layout while states change', () => {
    const steps = fan(6)
    const later = steps.map((step) => ({ ...step, state: 'running', node: 'worker-1', attempt: 2 }))
    expect(jobLayout(jobBoxes(later))).to.deep.equal(jobLayout(jobBoxes(steps)))
  })

  it('says of a step where it is and which attempt, of a stack how many have ended', () => {
    const [box] = jobBoxes([stepRow('a', [], { state: 'running', node: 'worker-1', attempt: 2 })])
    expect(boxLines(box as never)).to.deep.equal(['a', 'running on worker-1 · attempt 2'])
    const ended = fan(5).map((step) => (step.step === 'count-1' ? { ...step, state: 'failed' } : step))
    expect(boxLines(jobBoxes(ended)[1] as never)).to.deep.equal(['count × 5', '1 of 5 ended'])
  })
})
