import { type Inspector, inspectorLimits } from '@covey/inspector'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { pageQuestionSchema } from '../../packages/inspector/src/page-questions.js'
import { InspectedWorld } from '../inspector/inspected-world.js'
import { fuzzedFrames, fuzzSeed } from './fuzz-size.js'
import { PageMutator } from './page-mutator.js'
import { RawPage, textFrame } from './raw-page.js'

const count = Math.ceil(fuzzedFrames / 50)

/** What the door has to say to a text: nothing where it is a question, else the code that it closes with. */
function refusalOf(text: string): number | undefined {
  if (Buffer.byteLength(text) > inspectorLimits.questionBytesMax) return 1009
  try {
    return pageQuestionSchema.safeParse(JSON.parse(text)).success ? undefined : 1008
  } catch {
    return 1008
  }
}

describe('The door of the inspector for pages', function () {
  this.timeout(60_000 + count * 100)
  let world: InspectedWorld
  let inspector: Inspector
  let port: number
  let mutator: PageMutator

  before(async () => {
    world = new InspectedWorld()
    await world.start()
    inspector = await world.inspect()
    port = Number(new URL(inspector.url).port)
  })
  after(() => world.close())
  beforeEach(() => {
    mutator = new PageMutator(seededRandom(fuzzSeed))
  })
  afterEach(async () => {
    await world.until('all pages are let go of', () => inspector.pages === 0)
    const page = await world.page(inspector)
    const jobs = page.ask('jobs.list', {})
    expect(await world.during(jobs)).to.deep.equal([])
    page.close()
    await world.until('it is let go of', () => inspector.pages === 0)
  })

  it(`answers each of ${count} questions, or closes with why it is none (seed ${fuzzSeed})`, async () => {
    let page = await RawPage.open(port)
    let refused = 0
    for (let number = 1; number <= count; number += 1) {
      const text = mutator.question(number)
      const code = refusalOf(text)
      page.send(textFrame(text))
      if (code === undefined) {
        const { id } = JSON.parse(text) as { id: unknown }
        await world.until(`an answer to ${text}`, () => page.answered.delete(id))
        continue
      }
      await world.until(`a refusal of ${text.slice(0, 200)}`, () => page.closedWith !== undefined)
      expect(page.closedWith, text.slice(0, 200)).to.equal(code)
      page.destroy()
      refused += 1
      page = await RawPage.open(port)
    }
    page.destroy()
    expect(refused).to.be.within(count / 4, count - 1)
  })

  it(`survives ${count} frames that are none, halves of frames, and foreign ones (seed ${fuzzSeed})`, async () => {
    for (let number = 0; number < count; number += 1) {
      const page = await RawPage.open(port)
      const frame = mutator.nonsense()
      page.send(frame)
      page.end()
      await world.until(
        `the end of ${frame.toString('hex').slice(0, 400)}`,
        () => page.closedWith !== undefined,
      )
      expect(page.closedWith).to.be.oneOf([0, 1000, 1002, 1003, 1007, 1008, 1009])
      page.destroy()
    }
  })
})
