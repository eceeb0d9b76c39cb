import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import * as machines from '@covey/machines'
import { expect } from 'chai'
import { filesBelow, read, root } from './repository.js'

const pages = filesBelow('.').filter((path) => path.endsWith('.md'))
const decisions = pages.filter((path) => /^docs\/adr\/\d/.test(path))
const decisionLinesMax = 30
const rules = Array.from({ length: 54 }, (_, index) => `K${index + 1}`)

/** The heading as an address in its page: how a reader's browser gets there. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

function isReachable(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  return existsSync(join(root, target)) && (anchor === undefined || anchorsOf(target).includes(anchor))
}

/** The lines that a reader would type, of all shell blocks of a page. */
const typedLines = (page: string): string[] =>
  [...read(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.trim() !== ''),
  )

/** Each command of `covey` with the sources in which its options are. */
const commandSources = new Map(
  filesBelow('packages/cli/src/commands').flatMap((path) => {
    const [, name] = /\.command\('([a-z]+)'\)/.exec(read(path)) ?? []
    return name === undefined ? [] : [[name, read(path)] as const]
  }),
)
const optionsOfAll = ['command-host.ts', 'waiting.ts'].map((name) => read(`packages/cli/src/${name}`)).join()

function faultOfCovey(line: string): string | undefined {
  const [, name = ''] = /^npx covey ([a-z]+)/.exec(line) ?? []
  const source = commandSources.get(name)
  if (source === undefined) return `covey has no command ${name}`
  const options = [...line.replaceAll(/'[^']*'/g, '').matchAll(/ (--[a-z]+)/g)].map(
    ([, option = '']) => option,
  )
  const unknown = options.find((option) => !`${source}${optionsOfAll}`.includes(`'${option}`))
  return unknown === undefined ? undefined : `covey ${name} has no option ${unknown}`
}

function faultOfNpm(line: string): string | undefined {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const [, run, script = ''] = /^npm (run )?([a-z:]+)/.exec(line) ?? []
  // What npm does by itself, in a project of the reader's own.
  if (script === 'install') return undefined
  const isWord = run !== undefined || ['start', 'test'].includes(script)
  return isWord && script in scripts ? undefined : `npm has no script ${script}`
}

const faultOf = (line: string): string | undefined => {
  if (line.startsWith('npx covey')) return faultOfCovey(line)
  return line.startsWith('npm ') ? faultOfNpm(line) : undefined
}

/** Paths of the project that a page names as code. */
const namedPaths = (page: string): string[] =>
  [...read(page).matchAll(/`((?:actors|docs|examples|machines|packages|test)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  )

/** What protocol.md says under the heading of a rule. */
const sectionOf = (rule: string): string =>
  new RegExp(`^### ${rule} .*\\n([\\s\\S]*?)(?=^##|$(?![\\s\\S]))`, 'm').exec(
    read('docs/protocol.md'),
  )?.[1] ?? ''

describe('documentation', () => {
  it('links only to what is there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !isReachable(page, link))
        .map((link) => `${page}: ${link}`),
    )
    expect(broken).to.deep.equal([])
  })

  it('names only paths that are there', () => {
    const isMade = (path: string): boolean =>
      path.includes('/dist/') || /^docs\/benchmarks(-peers)?\.md$/.test(path)
    const missing = pages.flatMap((page) =>
      namedPaths(page)
        .filter((path) => !isMade(path) && !existsSync(join(root, path)))
        .map((path) => `${page}: ${path}`),
    )
    expect(missing).to.deep.equal([])
  })

  it('tells to type only commands and options that exist', () => {
    const faults = pages.flatMap((page) =>
      typedLines(page).flatMap((line) => {
        const fault = faultOf(line)
        return fault === undefined ? [] : [`${page}: ${fault}`]
      }),
    )
    expect(faults).to.deep.equal([])
    expect(
      [...commandSources.keys()].filter((name) => !read('docs/cli.md').includes(`npx covey ${name}`)),
    ).to.deep.equal([])
  })

  it('says of every rule what shows it, in files that carry its id, or that it is later', () => {
    const faults = rules.flatMap((rule) => {
      const section = sectionOf(rule)
      if (!/\*Shown by\*|\*[Ll]ater|In force/.test(section)) return [`${rule} says neither`]
      const [, shown = ''] = /\*Shown by\*([\s\S]*)/.exec(section) ?? []
      const [files = ''] = shown.split(/\*[Ll]ater/)
      return [...files.matchAll(/`(test\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !new RegExp(`\\b${rule}[a-e]?\\b`).test(read(path)))
        .map((path) => `${rule} is not in ${path}`)
    })
    expect(faults).to.deep.equal([])
  })

  it('names every state of every machine in its row of docs/names.md', () => {
    const rows = new Map(
      [...read('docs/names.md').matchAll(/^\| `([a-z]+)`[^|]*\|([^|]*)\|$/gm)].map(
        ([, id = '', row = '']) => [id, row],
      ),
    )
    const missing = Object.values(machines).flatMap((machine) => {
      if (typeof machine !== 'object' || !('states' in machine)) return []
      const { id, states } = machine
      return Object.keys(states)
        .filter((state) => !new RegExp(`\\b${state}\\b`).test(rows.get(id) ?? ''))
        .map((state) => `${id}: ${state}`)
    })
    expect(missing).to.deep.equal([])
    expect(rows.size).to.equal(
      Object.values(machines).filter((machine) => typeof machine === 'object' && 'states' in machine).length,
    )
  })

  it('shows in the README the example that is compiled', () => {
    expect(read('README.md')).to.include(read('examples/greeting/src/main.ts').trim())
  })

  it('numbers decisions without a gap, keeps each to 30 lines, and lists it', () => {
    const numbers = decisions
      .map((path) => Number(basename(path).slice(0, 4)))
      .sort((one, other) => one - other)
    expect(numbers).to.deep.equal(numbers.map((_, index) => index + 1))
    expect(
      decisions.filter((path) => read(path).trimEnd().split('\n').length > decisionLinesMax),
    ).to.deep.equal([])
    expect(
      decisions.filter((path) => !read('docs/adr/README.md').includes(`(${basename(path)})`)),
    ).to.deep.equal([])
  })

  it('describes every error as the table of errors does', async () => {
    await promisify(execFile)(process.execPath, ['.ci/write-errors.mjs', '--check'], { cwd: root })
  })
})
