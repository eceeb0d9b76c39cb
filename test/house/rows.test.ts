import {
  answerSchema,
  chunkSchema,
  commandSchema,
  dispatchSchema,
  outcomeSchema,
  reportSchema,
  stepSchema,
  writtenEventSchema,
} from '@covey/protocol'
import { expect } from 'chai'
import { z } from 'zod'
import { read } from './repository.js'

const rows: readonly [where: string, schema: z.ZodObject | { readonly options: readonly z.ZodObject[] }][] = [
  ['a command of `client.commands`', commandSchema],
  ['an answer of `client.answers`', answerSchema],
  ['an outcome of `client.outcomes`', outcomeSchema],
  ['an event of `log.batch`', writtenEventSchema],
  ['a dispatch of `worker.run`', dispatchSchema],
  ['a report of `worker.report` or `outbox.report`', reportSchema],
  ['a step of a job', stepSchema],
  ['its chunk', chunkSchema],
]

const spelt = ([name, field]: [string, z.core.$ZodType]): string => {
  if (field instanceof z.ZodLiteral) return `"${field.value}"`
  return field instanceof z.ZodExactOptional ? `${name}?` : name
}

const lines = rows.flatMap(([where, schema]) =>
  (schema instanceof z.ZodObject ? [schema] : schema.options).map(
    ({ shape }) => `| ${where} | \`[${Object.entries(shape).map(spelt).join(', ')}]\` |`,
  ),
)

describe('The order of rows', () => {
  it('is the one that docs/names.md states: another order is another version of the wire', () => {
    const [, section = ''] = read('docs/names.md').split('## Rows\n')
    const stated = section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.includes('| `['))
    expect(stated).to.deep.equal(lines)
  })
})
