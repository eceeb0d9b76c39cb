import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { isAlive } from '../nats/broker-owner.js'
import { root } from './repository.js'

/** A check with one test that has started a process, in a group of its own, which nothing else would end. */
const check = `
import { spawn } from 'node:child_process'
import { startSweeper } from '${root}/.ci/check/sweeper.mjs'
import { onInterruption } from '${root}/.ci/processes.mjs'
const [folder] = process.argv.slice(1)
startSweeper(folder)
onInterruption(() => undefined)
const child = spawn(process.execPath, ['--eval', 'process.on("SIGINT", () => undefined); setInterval(() => undefined, 1000)'], {
  ...{ detached: true, stdio: 'ignore', env: { ...process.env, TMPDIR: folder } },
})
console.log(child.pid)
`

describe('npm test that is interrupted', () => {
  let folder: string
  let checking: ChildProcess
  let left: number
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'covey-sweep-'))
    writeFileSync(join(folder, 'a file of a test'), '')
    checking = spawn(process.execPath, ['--input-type=module', '--eval', check, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    const [said] = checking.stdout ? await once(checking.stdout, 'data') : []
    left = Number(said)
  })

  afterEach(() => {
    if (isAlive(left)) process.kill(left, 'SIGKILL')
  })

  const seesTheEnd = async () => {
    await eventually('the process ends', () => !isAlive(left), 5_000)
    await eventually('the folder is removed', () => !existsSync(folder), 5_000)
  }

  it('ends what its tests have started when it is killed', async () => {
    expect(isAlive(left)).to.equal(true)
    checking.kill('SIGKILL')
    await seesTheEnd()
  })

  it('ends what its tests have started after a Ctrl-C, which goes to its whole process group', async () => {
    process.kill(-(checking.pid ?? 0), 'SIGINT')
    const [code] = await once(checking, 'exit')
    expect(code).to.equal(130)
    await seesTheEnd()
  })
})
