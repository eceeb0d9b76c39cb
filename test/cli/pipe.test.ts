import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import { builtCommand } from '../harness/built.js'
import { liveClusterOfSuite } from './live-cluster.js'

const covey = [process.execPath, builtCommand]

describe('covey transitions --follow --json in a pipe', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '1', '--slots', '1')
  let shell: ChildProcess | undefined
  afterEach(() => {
    if (shell?.exitCode === null) shell.kill('SIGKILL')
  })

  /** Follows, with its output in a real pipe to another command; its own exit code is the last line on stderr. */
  const followInto = async (reader: string, ...args: string[]) => {
    const script = `{ "$@"; echo "ended with $?" >&2; } | ${reader}`
    const call = [...covey, 'transitions', '--follow', '--json', ...args]
    const piped = spawn('sh', ['-c', script, 'sh', ...call], {
      cwd: cluster.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    shell = piped
    const said: string[] = []
    const printed: string[] = []
    piped.stdout.on('data', (part: Buffer) => printed.push(String(part)))
    piped.stderr.on('data', (part: Buffer) => said.push(String(part)))
    await once(piped, 'close')
    return { stdout: printed.join(''), end: said.join('').trim().split('\n').at(-1) }
  }

  it('ends with 0 when head has seen enough', async () => {
    const { stdout, end } = await followInto('head -1')
    const first: Transition = JSON.parse(stdout)
    expect([first.from, first.event]).to.deep.equal(['', ''])
    expect(end).to.equal('ended with 0')
  })

  it('ends with its reader also when there is nothing to tell, and what it writes meanwhile stays JSON', async () => {
    const reader = '{ IFS= read -r line; echo "$line"; head -c 2; }'
    const { stdout, end } = await followInto(reader, '--kind', 'manager')
    const [first = '', meanwhile] = stdout.split('\n')
    expect(JSON.parse(first)).to.include({ kind: 'manager', to: 'serving' })
    expect(meanwhile).to.equal('  ')
    expect(end).to.equal('ended with 0')
  })
})
