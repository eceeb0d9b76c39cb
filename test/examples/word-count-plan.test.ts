import { expect } from 'chai'
import fc from 'fast-check'
import type { ListedFile } from '../../examples/word-count/src/file-list.js'
import { type PlannedStep, planJob, totalStep } from '../../examples/word-count/src/plan.js'

const listOf = (sizes: readonly number[]): ListedFile[] =>
  sizes.map((bytes, index) => ({ path: `f${index}`, bytes, extension: `.${index % 3}` }))

const countedFiles = (plan: readonly PlannedStep[]): string[] =>
  plan.flatMap((step) => (step.kind === 'count' ? Object.values(step.input.files).flat() : []))

describe('word count plan', () => {
  it('gives every file to one count, and every count to the total by one way', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 600 }), (sizes) => {
        const files = listOf(sizes)
        const plan = planJob('/root', files)
        expect(countedFiles(plan)).to.have.members(files.map(({ path }) => path))
        const waitedFor = plan.flatMap((step) => (step.kind === 'merge' ? step.after : []))
        const others = plan.map(({ step }) => step).filter((step) => step !== totalStep)
        expect(waitedFor).to.have.members(others)
        expect(new Set(waitedFor).size).to.equal(waitedFor.length)
      }),
      { numRuns: 40 },
    )
  })

  it('makes some hundreds of counts of thousands of files', () => {
    const plan = planJob(
      '/root',
      listOf(Array.from({ length: 8_000 }, (_, index) => (index * 7_919) % 40_000)),
    )
    const counts = plan.filter(({ kind }) => kind === 'count').length
    expect(counts).to.be.within(200, 500)
    expect(plan.length - counts).to.be.within(20, 100)
  })

  it('gives a file that is larger than all others together no company', () => {
    const plan = planJob('/root', listOf([10, 1_000_000, 10]))
    expect(plan.filter(({ kind }) => kind === 'count')).to.have.length(3)
  })

  it('makes a job of no file at all', () => {
    expect(planJob('/root', [])).to.deep.equal([{ kind: 'merge', step: totalStep, after: [] }])
  })
})
