import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { nextSteps } from '../../packages/cli/src/commands/new.js'
import { loadWorkflows } from '../../packages/cli/src/workflow-modules.js'
import { callCovey, documentOf } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}
const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

describe('covey new', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  it('makes a project that compiles, whose test runs, and whose workflow a worker loads', async function () {
    this.timeout(60_000)
    const { code, stdout, stderr } = await callCovey(terminal.folder, 'new', 'My Shop')
    const folder = join(terminal.folder, 'My Shop')
    expect([code, stdout]).to.deep.equal([0, folder])
    expect(stderr).to.contain('npm install').and.to.contain('npx covey submit greet')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')], { cwd: folder })
    const { scripts } = manifestIn(folder)
    const [, tested = ''] = /node --test (\S+)$/.exec(scripts.test ?? '') ?? []
    const { stdout: told } = await run(process.execPath, ['--test', '--test-reporter=tap', tested], {
      cwd: folder,
    })
    expect(told).to.contain('# pass 2').and.to.contain('# fail 0')
    const [, loaded = ''] = /--workflows (\S+)$/.exec(scripts.start ?? '') ?? []
    expect((await loadWorkflows(folder, [loaded])).map(({ name }) => name)).to.deep.equal(['greet'])
  })

  it('says how packages are installed that no registry has, where npm is not linked to a checkout', () => {
    const needing = (version: string) => ({ dependencies: { covey: version }, devDependencies: {} })
    expect(nextSteps('shop', needing('0.1.0'))).to.match(/^next: {2}cd shop && npm install PACKED\/\*\.tgz /)
    expect(nextSteps('shop', needing('file:../covey'))).to.match(/^next: {2}cd shop && npm install$/m)
  })

  it('needs the packages of this checkout, and is compiled as they are', async () => {
    const { folder, files } = await documentOf<{ folder: string; files: string[] }>(
      terminal.folder,
      'new',
      '.',
    )
    expect(files).to.include.members(['package.json', 'src/workflows.ts', 'src/workflows.test.ts'])
    const { name, dependencies, devDependencies } = manifestIn(folder)
    expect(name).to.match(/^covey-cli-/)
    expect(Object.keys(dependencies)).to.have.members(['covey', '@covey/cli', 'zod'])
    for (const own of ['covey', '@covey/cli']) {
      const path = resolve(folder, (dependencies[own] ?? '').replace(/^file:/, ''))
      expect(manifestIn(path).name).to.equal(own)
    }
    const ours = manifestIn(root).devDependencies
    expect(dependencies.zod).to.equal(ours.zod)
    for (const [tool, version] of Object.entries(devDependencies)) expect(ours[tool]).to.equal(version)
  })

  it('writes over nothing, and ends with 4 for a folder that it cannot use', async () => {
    mkdirSync(join(terminal.folder, 'full'))
    writeFileSync(join(terminal.folder, 'full', 'mine'), 'x')
    for (const [dir, why] of [
      ['full', 'is not empty: it has mine'],
      ['full/mine', 'cannot be made'],
    ] as const) {
      const { code, stdout, stderr } = await callCovey(terminal.folder, 'new', dir)
      expect([code, stdout]).to.deep.equal([4, ''])
      expect(stderr).to.contain('error folder_unusable').and.to.contain(why).and.to.not.contain('--data')
    }
    expect(readFileSync(join(terminal.folder, 'full', 'mine'), 'utf8')).to.equal('x')
  })
})
