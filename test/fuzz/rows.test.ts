import {
  asRow,
  CoveyError,
  compileLayout,
  defineMessage,
  interpretLayout,
  packValue,
  type RowPlace,
  rowForm,
  unpackValue,
} from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { z } from 'zod'

const text = z.string().max(8)
const step = asRow(z.object({ step: text, size: z.number(), after: z.array(text).exactOptional() }))
const word = asRow(
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('told'), by: text, steps: z.array(step), first: step.exactOptional() }),
    z.object({ kind: z.literal('asked') }),
  ]),
)
const message = defineMessage(
  'words',
  z.object({ from: text, words: z.array(word), last: word.exactOptional() }),
)

const anyText = fc.string({ maxLength: 8 })
const anyStep = fc.record(
  { step: anyText, size: fc.integer(), after: fc.array(anyText, { maxLength: 2 }) },
  { requiredKeys: ['step', 'size'], noNullPrototype: true },
)
const anyWord = fc.oneof(
  fc.record(
    {
      kind: fc.constant('told' as const),
      by: anyText,
      steps: fc.array(anyStep, { maxLength: 3 }),
      first: anyStep,
    },
    { requiredKeys: ['kind', 'by', 'steps'], noNullPrototype: true },
  ),
  fc.constant({ kind: 'asked' as const }),
)
const anyBody = fc.record(
  { from: anyText, words: fc.array(anyWord, { maxLength: 4 }), last: anyWord },
  { requiredKeys: ['from', 'words'], noNullPrototype: true },
)

/** What the door says of a body as it came from the wire. */
const refusalOf = (body: unknown): string => {
  try {
    message.decode(packValue([message.version, 'words', body]))
    return 'accepted'
  } catch (error) {
    expect(error).to.be.instanceOf(CoveyError).with.property('code', 'invalid_message')
    return (error as CoveyError).message
  }
}

describe('A message with rows', () => {
  it('reads whatever it wrote, with nothing added and nothing lost', () => {
    fc.assert(
      fc.property(anyBody, (body) => {
        expect(message.decode(message.encode(body))).to.deep.equal(body)
      }),
    )
  })

  it('writes the values of a row in the order of its schema, and nothing for what is missing at its end', () => {
    const words = [
      {
        kind: 'told' as const,
        by: 'a',
        steps: [{ step: 's', size: 1 }],
        first: { step: 't', size: 2, after: ['s'] },
      },
      { kind: 'asked' as const },
    ]
    expect(unpackValue(message.encode({ from: 'b', words }))).to.deep.equal([
      2,
      'words',
      { from: 'b', words: [['told', 'a', [['s', 1]], ['t', 2, ['s']]], ['asked']] },
    ])
  })

  const misfits: readonly [what: string, body: unknown, refusal: string][] = [
    ['a map', { from: '', words: [{ kind: 'asked' }] }, 'words: words.0: is not a row'],
    [
      'one that is too short',
      { from: '', words: [['asked'], ['told', 'a']] },
      'words: words.1.steps: is not in the row',
    ],
    [
      'one that is too long',
      { from: '', words: [['asked', 1]] },
      'words: words.0: has 2 values, which is more than 1',
    ],
    ['an unknown kind', { from: '', words: [['shouted', 'a']] }, 'words: words.0.kind: is not known'],
    [
      'a hole',
      { from: '', words: [['told', null, []]] },
      'words: words.0.by: Invalid input: expected string',
    ],
    [
      'another type',
      { from: '', words: [['told', 'a', [['s', 'x']]]] },
      'words: words.0.steps.0.size: Invalid input',
    ],
    ['no list in its place', { from: '', words: [['told', 'a', 7]] }, 'words: words.0.steps: Invalid input'],
    [
      'a row in a row that is none',
      { from: '', words: [['told', 'a', [], 7]] },
      'words: words.0.first: is not a row',
    ],
    ['one in a field', { from: '', words: [], last: [] }, 'words: last.kind: is not known'],
    ['no map around it', [[]], 'words: body: Invalid input'],
  ]
  for (const [what, body, refusal] of misfits)
    it(`refuses ${what}, and says where`, () => {
      expect(refusalOf(body).startsWith(refusal), refusalOf(body)).to.equal(true)
    })

  it('refuses the version that had maps', () => {
    const frame = packValue([1, 'words', { from: '', words: [{ kind: 'asked' }] }])
    expect(() => message.decode(frame)).to.throw(CoveyError, 'words: version 1 is not 2')
  })

  it('is laid out the same where code from strings is forbidden', () => {
    const inner = rowForm([{ name: 'a', form: undefined }], [])
    const places: RowPlace[] = [
      { name: 'first', form: undefined },
      { name: 'second', form: inner },
    ]
    const last = { name: 'third', form: undefined }
    const [compiled, interpreted] = [compileLayout, interpretLayout].map((lay) =>
      rowForm(places, [last], lay),
    )
    const anyRow = fc.array(
      fc.oneof(fc.integer(), fc.constant(null), fc.array(fc.integer(), { maxLength: 2 })),
      {
        maxLength: 4,
      },
    )
    const read = (form: typeof compiled, row: unknown) => {
      try {
        const body = form?.read(row)
        return { body, again: form?.write(body) }
      } catch (error) {
        return { refused: String(error), path: (error as { path?: unknown }).path }
      }
    }
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(read(interpreted, row)).to.deep.equal(read(compiled, row))
      }),
    )
  })

  it('cannot be defined in an order that could not be read', () => {
    expect(() => asRow(z.object({ a: text.exactOptional(), b: text }))).to.throw('a,b')
    const kind = z.literal('x')
    expect(() => asRow(z.discriminatedUnion('kind', [z.object({ text, kind })]))).to.throw(
      'kind does not come first',
    )
  })
})
