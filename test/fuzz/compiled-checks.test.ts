import { setImmediate } from 'node:timers/promises'
import {
  type CompiledCheck,
  compileCheck,
  defineMessage,
  formOf,
  packValue,
  unpackValue,
} from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { z } from 'zod'
import { type AnyMessage, allMessages } from './all-messages.js'
import { FrameMutator } from './frame-mutator.js'
import { fuzzedFrames, fuzzSeed } from './fuzz-size.js'
import { validFrames } from './valid-frames.js'

const validFrame = (message: AnyMessage) => validFrames.get(message.kind) as Uint8Array

/** The body of a frame with its rows made maps, where there is one. */
function bodyOf({ schema }: AnyMessage, frame: Uint8Array): unknown {
  try {
    const body = (unpackValue(frame) as unknown[])[2]
    return formOf(schema)?.read(body) ?? body
  } catch {
    return undefined
  }
}

describe('The compiled check of a message', () => {
  const checks = new Map<AnyMessage, CompiledCheck>()
  before(async () => {
    for (const message of allMessages) checks.set(message, await compileCheck(message.schema))
  })

  it('accepts what the code writes, where no list in it is to be frozen', () => {
    const left = [...checks].filter(([message, fits]) => !fits(bodyOf(message, validFrame(message))))
    const withFrozenList = [
      'client.answers',
      'client.outcomes',
      'order.answered',
      'tap.frame',
      'worker.report',
    ]
    expect(left.map(([{ kind }]) => kind)).to.have.members(withFrozenList)
  })

  const count = fuzzedFrames / 2
  it(`accepts of ${count} spoilt bodies only what the schema hands back as it is (seed ${fuzzSeed})`, function () {
    this.timeout(3 * count)
    const mutator = new FrameMutator(seededRandom(fuzzSeed))
    const all = [...checks]
    let accepted = 0
    for (let number = 0; number < count; number += 1) {
      const [message, fits] = all[number % all.length] as [AnyMessage, CompiledCheck]
      const body = bodyOf(message, mutator.next(validFrame(message)))
      if (!fits(body)) continue
      accepted += 1
      expect(message.schema.safeParse(body), message.kind).to.deep.equal({ success: true, data: body })
    }
    expect(accepted).to.be.within(1, count / 2)
  })

  const text = z.string().max(3)
  const unequal: readonly [what: string, schema: z.ZodType, body: unknown][] = [
    ['keys that would be stripped', z.object({ text }), { text: '', more: 1 }],
    ['keys of an ancestor', z.object({ text: text.exactOptional() }), Object.create({ text: 'a' })],
    [
      'an optional value that is there and undefined',
      z.object({ a: text.exactOptional() }),
      { a: undefined },
    ],
    ['a date where all keys are optional', z.object({ a: text.exactOptional() }), new Date(0)],
    ['bytes where all keys are optional', z.object({ a: text.exactOptional() }), new Uint8Array(0)],
    ['lengths beyond the limit in UTF-16', text, '👍👍'],
    ['a list that is to be frozen', z.array(text).readonly(), []],
    ['a value with a default', z.object({ text: text.default('a') }), { text: 'a' }],
    ['a check that was added', z.object({ text }).refine(() => false), { text: 'a' }],
    ['a pattern that does not fit', z.string().max(3).regex(/b/).regex(/c/), 'b'],
    ['a format', z.email(), 'a@example.com'],
    ['a text that is made another', z.string().trim(), 'a'],
    ['a transformed value', text.transform((value) => `${value}!`), 'a'],
    ['infinity', z.number(), Number.POSITIVE_INFINITY],
    ['a number beyond what is exact', z.number().int(), 2 ** 60],
  ]
  for (const [what, schema, body] of unequal)
    it(`leaves ${what} to the schema`, async () => {
      expect((await compileCheck(schema))(body)).to.equal(false)
    })

  it('knows lists and texts of an exact length', async () => {
    const fits = await compileCheck(
      z.object({ list: z.array(z.number()).length(2), text: z.string().length(1) }),
    )
    expect(fits({ list: [1, 2], text: 'a' })).to.equal(true)
    expect(fits({ list: [1], text: 'a' })).to.equal(false)
    expect(fits({ list: [1, 2], text: 'ab' })).to.equal(false)
  })

  it('is used once a kind of message comes often, and changes no word of a refusal', async () => {
    const message = defineMessage('hot', z.object({ text }))
    const refusal = () =>
      expect(() => message.check({ text: 'four' }))
        .to.throw()
        .with.property('message')
    const cold = message.check
    let wording = ''
    refusal().satisfies((words: string) => {
      wording = words
      return words.startsWith('hot: text')
    })
    const body = { text: 'a' }
    // The schema hands back a copy, the compiled check the body itself.
    expect(cold(body)).to.deep.equal(body)
    expect(cold(body)).not.to.equal(body)
    const giveUpMs = performance.now() + 10_000
    while (message.check(body) !== body) {
      expect(performance.now(), 'it is never compiled').to.be.below(giveUpMs)
      await setImmediate()
    }
    refusal().equal(wording)
    expect(message.decode(packValue([1, 'hot', { text: 'b', more: 1 }]))).to.deep.equal({ text: 'b' })
  })
})
