import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { loadWorkflows } from '../../packages/cli/src/workflow-modules.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const coveyUrl = import.meta.resolve('covey')

describe('workflow modules', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const write = (name: string, text: string): string => {
    writeFileSync(join(terminal.folder, name), text)
    return name
  }
  const module = (name: string, ...workflows: string[]): string =>
    write(
      name,
      [
        `import { defineWorkflow } from '${coveyUrl}'`,
        ...workflows.map(
          (workflow) =>
            `export const ${workflow} = defineWorkflow({ name: '${workflow}', version: '1', run: () => 1 })`,
        ),
        'export const other = { name: "other" }',
      ].join('\n'),
    )
  const refusal = async (...files: string[]): Promise<CoveyError> => {
    const error = await loadWorkflows(terminal.folder, files).then(
      () => undefined,
      (thrown: unknown) => thrown as CoveyError,
    )
    expect(error?.code).to.equal('module_failed')
    return error as CoveyError
  }

  it('give every workflow that they export, and nothing else', async () => {
    const files = [module('a.mjs', 'one', 'two'), module('b.mjs', 'three')]
    const names = (await loadWorkflows(terminal.folder, files)).map(({ name }) => name)
    expect(names).to.have.members(['one', 'two', 'three'])
  })

  it('may be named twice', async () => {
    const file = module('a.mjs', 'one')
    expect(await loadWorkflows(terminal.folder, [file, `./${file}`])).to.have.length(1)
  })

  it('that do not exist, do not parse, or throw, are refused with the reason', async () => {
    expect((await refusal('missing.mjs')).message).to.contain('missing.mjs does not load')
    expect((await refusal('missing.mjs')).mend).to.contain('with its ending')
    expect((await refusal('/dev/zero')).message).to.contain('not a regular file')
    expect((await refusal('.')).message).to.contain('a folder')
    const broken = write('broken.mjs', 'export const =')
    expect((await refusal(broken)).mend).to.contain(`node ${join(terminal.folder, broken)} shows`)
    expect((await refusal(write('throws.mjs', 'throw new Error("no database")'))).message).to.contain(
      'no database',
    )
  })

  it('that define a workflow wrongly are refused with what its definition says to do', async () => {
    const wrong =
      "throw Object.assign(new Error('timeout: no'), { code: 'invalid_definition', mend: 'write it so' })"
    const { message, mend } = await refusal(write('wrong.mjs', wrong))
    expect(message).to.contain('wrong.mjs does not load: timeout: no')
    expect(mend).to.equal('write it so')
  })

  it('without a workflow are refused with what to export', async () => {
    const { message, mend } = await refusal(write('empty.mjs', 'export const x = 1'))
    expect(message).to.contain('exports no workflow')
    expect(mend).to.contain('defineWorkflow')
  })

  it('that give one name two meanings are refused', async () => {
    expect((await refusal(module('a.mjs', 'one'), module('b.mjs', 'one'))).message).to.contain(
      'defines one again',
    )
  })
})
