import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Disk, freezeFileList } from '../../examples/word-count/src/file-list.js'
import { planJob } from '../../examples/word-count/src/plan.js'
import { rejection } from '../covey/client-world.js'

const entry = (name: string, isFolder = false) => ({
  name,
  isDirectory: () => isFolder,
  isFile: () => !isFolder,
})
const denied = (): never => {
  throw Object.assign(new Error('permission denied'), { code: 'EACCES' })
}

describe('word count list', () => {
  it('takes more files in a folder than a call takes arguments', async () => {
    const disk: Disk = {
      async entries(folder) {
        if (folder === '') return [entry('full', true)]
        return Array.from({ length: 200_000 }, (_, index) => entry(`f${index}.txt`))
      },
      bytesOf: async () => 1,
    }
    const { files, leftOut } = await freezeFileList('/root', disk)
    expect([files.length, leftOut.length]).to.deep.equal([200_000, 0])
  })

  it('leaves out what cannot be read, with the reason, and goes on', async () => {
    const disk: Disk = {
      entries: async (folder) =>
        folder === 'shut' ? denied() : [entry('shut', true), entry('secret.txt'), entry('open.txt')],
      bytesOf: async (path) => (path === 'secret.txt' ? denied() : 7),
    }
    expect(await freezeFileList('/root', disk)).to.deep.equal({
      files: [{ path: 'open.txt', bytes: 7, extension: '.txt' }],
      leftOut: ['shut (EACCES)', 'secret.txt (EACCES)'],
    })
  })

  it('refuses a folder that is none, or is not there, by its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'covey-list-'))
    const file = join(folder, 'file.txt')
    writeFileSync(file, 'text')
    try {
      const notThere = await rejection(freezeFileList(join(folder, 'none')))
      expect(notThere).to.include({ code: 'invalid_options', address: join(folder, 'none') })
      expect(notThere.message).to.match(/none \(ENOENT\) cannot be listed/)
      expect((await rejection(freezeFileList(file))).message).to.match(
        /file\.txt \(ENOTDIR\) cannot be listed/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('plans steps whose paths fit the input of a workflow, however long they are', () => {
    const files = Array.from({ length: 60_000 }, (_, index) => ({
      path: `${'folder/'.repeat(500)}${index}`,
      bytes: 1,
      extension: '.txt',
    }))
    const inputs = planJob('/root', files).flatMap((step) => (step.kind === 'count' ? [step.input] : []))
    expect(inputs.reduce((sum, input) => sum + (input.files['.txt']?.length ?? 0), 0)).to.equal(60_000)
    expect(Math.max(...inputs.map((input) => JSON.stringify(input).length))).to.be.below(128 * 1_024)
  })
})
