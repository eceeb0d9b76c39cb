import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const command = join(root, 'packages/cli/bin/covey.js')

/** Writes the files of docs/api.md: each is named in a line before its block. */
function writeProject(folder: string): string[] {
  const page = readFileSync(join(root, 'docs/api.md'), 'utf8')
  const blocks = [
    ...page.matchAll(/^`([\w./]+\.(?:json|ts))`[^\n]*\n(?:[^\n]+\n)*\n```\w+\n([\s\S]*?)^```/gm),
  ]
  for (const [, path = '', text = ''] of blocks) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return blocks.map(([, path = '']) => path)
}

describe('the project of docs/api.md', function () {
  this.timeout(90_000)
  let folder: string

  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'covey-own-')))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('compiles and runs as it stands, on the packages as they are built', async () => {
    expect(writeProject(folder)).to.deep.equal([
      'package.json',
      'tsconfig.json',
      'src/workflows.ts',
      'src/main.ts',
    ])
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: folder })
    const up = spawn(
      process.execPath,
      [command, 'up', '--nodes', '1', '--workflows', 'dist/workflows.js', '--json'],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    const ended = once(up, 'exit')
    try {
      const [document] = await Promise.race([once(up.stdout, 'data'), ended.then(() => ['{}'])])
      const { url } = JSON.parse(String(document)) as { url?: string }
      const env = { ...process.env, COVEY_SERVER: url }
      for (const round of ['the first time', 'again']) {
        const { stdout } = await run(process.execPath, ['dist/main.js'], {
          cwd: folder,
          env,
          timeout: 30_000,
        })
        expect(stdout, round).to.match(/^completed 49\n(\{ round: \d+ \}\n)+workflow_cancelled main 1\n$/)
      }
    } finally {
      up.kill('SIGINT')
      await ended
    }
  })
})
