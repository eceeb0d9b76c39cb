import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CommandWords } from '../../packages/cli/src/completion/command-words.js'
import { callCovey, documentOf } from './calls.js'
import { recordTerminal } from './recorded-terminal.js'

describe('covey completion', () => {
  let folder: string
  let remove: () => void
  let commands: readonly CommandWords[]
  before(async () => {
    ;({ folder, remove } = recordTerminal())
    commands = await documentOf(folder, 'completion', 'bash')
    writeFileSync(join(folder, 'covey.bash'), (await callCovey(folder, 'completion', 'bash')).stdout)
  })
  after(() => remove())

  /** What bash offers for the last of some words, asked as bash asks: by the function that is registered. */
  function offered(...words: string[]): string[] {
    const script = [
      'source covey.bash',
      'COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))',
      'eval "$(complete -p covey | sed "s/.*-F \\([^ ]*\\).*/\\1/")"',
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join('\n')
    return execFileSync('bash', ['-c', script, 'bash', 'covey', ...words], { cwd: folder, encoding: 'utf8' })
      .split('\n')
      .filter((word) => word !== '')
  }

  it('offers every command that the help lists, and their beginnings', async () => {
    const { stdout } = await callCovey(folder, '--help')
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
    expect(listed).to.include.members(['up', 'completion', 'help'])
    expect(offered('')).to.have.members([...listed, '--help', '--version'])
    expect(offered('st')).to.deep.equal(['status'])
  })

  it('offers every option of each command', async () => {
    for (const { name, options } of commands.filter((command) => command.name !== 'help')) {
      const { stdout } = await callCovey(folder, name, '--help')
      const told = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag)
      expect(offered(name, '--'), name).to.have.members(told)
      expect(options.map(({ flag }) => flag)).to.have.members(told)
    }
  })

  it('offers what an option or an argument may be, and leaves to bash what is a file', () => {
    expect(offered('node', '--log-level', '')).to.deep.equal(['error', 'warn', 'info', 'debug'])
    expect(offered('leave', 'n', '--reason', 'm')).to.deep.equal(['maintenance', 'manual_removal'])
    expect(offered('chart', 'pe')).to.deep.equal(['peer'])
    expect(offered('completion', '')).to.deep.equal(['bash', 'zsh', 'fish'])
    expect(offered('help', 'do')).to.deep.equal(['doctor'])
    expect(offered('run', '')).to.deep.equal([])
    expect(offered('up', '--workflows', '')).to.deep.equal([])
    expect(offered('unknown', '')).to.deep.equal([])
  })

  for (const shell of ['zsh', 'fish']) {
    it(`tells ${shell} the same, with no description that could end its quotes`, async () => {
      const { stdout } = await callCovey(folder, 'completion', shell)
      for (const { name, options, about } of commands) {
        expect(about).to.match(/^[\w ,.()/-]+$/)
        expect(stdout).to.contain(name)
        for (const { flag } of options) {
          const written = shell === 'zsh' ? `'${flag}[` : ` -l ${flag.slice(2)} `
          expect(
            stdout.split('\n').some((line) => line.includes(name) && line.includes(written)),
            flag,
          ).to.equal(true)
        }
      }
      expect((stdout.match(/'/g) ?? []).length % 2).to.equal(0)
    })
  }

  it('ends with 2 for a shell that it does not know', async () => {
    expect((await callCovey(folder, 'completion', 'tcsh')).code).to.equal(2)
  })
})
