import { expect } from 'chai'
import { filesBelow, read } from '../house/repository.js'
import { drawings, queries, selectedIn } from './dashboard.js'
import { double, MeasuredCluster } from './measured-cluster.js'
import { namesOf } from './scrape.js'

describe('What is written about metrics', () => {
  const measured = new MeasuredCluster()
  let text = ''
  let names: string[] = []

  before(async () => {
    await (await measured.start()).ready
    const job = await (await measured.client()).submit(double, 1)
    await job.result()
    text = (await measured.ask('/metrics')).text
    names = namesOf(text)
  })
  after(() => measured.close())

  /** The values of a label of all series of a metric. */
  const valuesOf = (name: string, label: string): Set<string> => {
    const series = new RegExp(`^${name}\\{(?:.*,)?${label}="([^"]*)"`, 'gm')
    return new Set([...text.matchAll(series)].map(([, value = '']) => value))
  }
  const metricOf = (name: string): string =>
    names.includes(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '')

  it('is a dashboard whose every metric is in a scrape', () => {
    const asked = queries.flatMap(selectedIn)
    expect(drawings.every(({ targets = [] }) => targets.length > 0)).to.equal(true)
    expect(queries.filter((query) => selectedIn(query).length === 0)).to.deep.equal([])
    expect(asked.map(({ name }) => metricOf(name)).filter((name) => !names.includes(name))).to.deep.equal([])
  })

  it('is a dashboard that asks by labels, and by states and events, that there are', () => {
    const wrong = queries.flatMap(selectedIn).flatMap(({ name, labels }) =>
      [...labels].flatMap(([label, texts]) => {
        const found = valuesOf(name, label)
        // Of what has not happened yet there is no series.
        const isThere = found.size > 0 || !text.includes(`\n${name}{`)
        const missing = texts.filter((value) => found.size > 0 && !found.has(value))
        return [
          ...(isThere ? [] : [`${name} has no ${label}`]),
          ...missing.map((value) => `${name} ${value}`),
        ]
      }),
    )
    expect(wrong).to.deep.equal([])
  })

  it('is a dashboard that shows everything of Covey', () => {
    const shown = new Set(queries.flatMap(selectedIn).map(({ name }) => metricOf(name)))
    expect(names.filter((name) => name.startsWith('covey_') && !shown.has(name))).to.deep.equal([])
  })

  it('is a table that names every metric, and none that there is not', () => {
    const page = read('docs/operations.md')
    const named = [...page.matchAll(/`((?:covey|process|nodejs)_[a-z0-9_]+)`/g)].map(([, name = '']) => name)
    expect(names.filter((name) => !named.includes(name))).to.deep.equal([])
    expect(named.filter((name) => !names.includes(name))).to.deep.equal([])
  })

  it('is a table that names every kind of notice, each of which is counted on its way to the log', () => {
    const union = /export type Notice =([\s\S]*?)\n\n/.exec(read('actors/environment.ts'))?.[1] ?? ''
    const kinds = [...union.matchAll(/kind: '([a-z.]+)'/g)].map(([, kind]) => kind)
    const row =
      /\| `covey_notices_total` \| `kind` \| (.*?): what/.exec(read('docs/operations.md'))?.[1] ?? ''
    expect([...row.matchAll(/`([a-z.]+)`/g)].map(([, kind]) => kind)).to.have.members(kinds)
    // No part of a node has a way to its log that is not counted.
    const lines = filesBelow('packages/covey/src').flatMap((path) => read(path).split('\n'))
    expect(lines.filter((line) => line.includes('log.notice('))).to.deep.equal([
      '  const notice = counts.before((told) => log.notice(told))',
    ])
  })
})
