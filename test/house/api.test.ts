import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { read, workspaces } from './repository.js'

const page = read('docs/api.md')
const index = read('packages/covey/src/index.ts')

/** Every name that the package `covey` exports. */
const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
  names
    .split(',')
    .map((name) => name.trim().replace(/^type /, ''))
    .filter((name) => name !== ''),
)

const sources = workspaces()
  .filter(({ name }) =>
    ['covey', '@covey/metrics', '@covey/actors', '@covey/protocol', '@covey/transport'].includes(name),
  )
  .flatMap((workspace) => workspace.sources)
  .map(read)

/** The source of a declaration: what stands before it, and from it to the end of its file. */
function declarationOf(name: string): { readonly before: string; readonly body: string } {
  const declaration = new RegExp(
    `^export (?:abstract )?(?:async )?(?:interface|type|class|function|const) ${name}\\b`,
    'm',
  )
  const source = sources.find((text) => declaration.test(text)) ?? ''
  const start = source.search(declaration)
  return start < 0
    ? { before: '', body: '' }
    : { before: source.slice(0, start).trimEnd(), body: source.slice(start) }
}

/** The fields and methods of an interface, or of a type of one object. */
const membersOf = (name: string): string[] => {
  const { body } = declarationOf(name)
  const end = body.search(/^\}/m)
  return [...body.slice(0, end).matchAll(/^ {2}(?:readonly )?(\w+\$?)(?:\?|:|\(|<)/gm)].map(
    ([, member = '']) => member,
  )
}

const isNamed = (word: string): boolean => new RegExp(`\\b${word.replace('$', '\\$(?!\\w)')}`).test(page)

describe('the API of covey', () => {
  it('is known to this test by its exports', () => {
    expect(exported).to.include.members(['connect', 'startNode', 'defineWorkflow', 'Client', 'CoveyError'])
    expect(exported.filter((name) => declarationOf(name).body === '')).to.deep.equal([])
  })

  it('says of every export in its source what it is', () => {
    expect(exported.filter((name) => !declarationOf(name).before.endsWith('*/'))).to.deep.equal([])
  })

  it('names every export in docs/api.md', () => {
    expect(exported.filter((name) => !isNamed(name))).to.deep.equal([])
  })

  const described = [
    'WorkflowOptions',
    'PolicyOptions',
    'RetryOptions',
    'ClientOptions',
    'ServerOptions',
    'LinksOption',
    'NodeOptions',
    'MetricsOptions',
    'SubmitOptions',
    'DeadlineOptions',
    'CancelOptions',
    'CancelCounts',
    'TransitionFilter',
    'JobSpec',
    'StepSpec',
    'SubmittedJob',
    'JobHandle',
    'Client',
    'RunningNode',
  ]
  for (const name of described) {
    it(`names every member of ${name} there`, () => {
      const members = membersOf(name)
      expect(members).to.not.be.empty
      expect(members.filter((member) => !isNamed(member))).to.deep.equal([])
    })
  }

  it('tells the bounds there that the table of limits has', () => {
    const { slotsPerWorkerMax, attemptsMax, dependenciesPerWorkflowMax, reasonTextMax, retryFactorMax } =
      limits
    const bounds = {
      slots: `1 to ${slotsPerWorkerMax.toLocaleString('en')} slots`,
      attempts: `1 to ${attemptsMax.toLocaleString('en')} in all`,
      factor: `1 to ${retryFactorMax}`,
      after: `at most ${dependenciesPerWorkflowMax.toLocaleString('en')} steps`,
      reason: `at most ${reasonTextMax} characters`,
      causes: `at most ${limits.errorCausesMax} errors`,
      bytes: `${limits.inlineBytesMax / 1_024} KiB packed`,
      timeout: `at most ${limits.workflowTimeoutMsMax / 86_400_000} d`,
      backoff: `at most ${limits.retryDelayMsMax / 3_600_000} h`,
    }
    expect(Object.values(bounds).filter((text) => !page.includes(text))).to.deep.equal([])
  })
})
