import { read } from '../house/repository.js'

interface Panel {
  readonly id: number
  readonly type: string
  readonly targets?: readonly { readonly expr: string }[]
}

const dashboard = JSON.parse(read('docs/grafana-dashboard.json')) as {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly type: string; readonly definition?: string }[] }
}

/** A metric as a query asks for it: what its labels are matched with, one of some texts or anything. */
export interface Selected {
  readonly name: string
  readonly labels: ReadonlyMap<string, readonly string[]>
}

/** Everything that the dashboard asks Prometheus. */
export const queries: readonly string[] = [
  ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.flatMap(({ definition = [] }) => definition),
]

/** The panels that draw something. */
export const drawings = dashboard.panels.filter(({ type }) => type !== 'row')

/** The texts that a matcher lets through, where it names them. */
const textsOf = (operator: string, value: string): string[] =>
  operator === '=~' || operator === '=' ? value.split('|').filter((text) => !text.startsWith('$')) : []

/** The metrics that a query names, with its matchers of their labels. */
export const selectedIn = (query: string): Selected[] =>
  [...query.matchAll(/\b((?:covey|process|nodejs)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', matchers = '']) => ({
      name,
      labels: new Map(
        [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(
          ([, label = '', operator = '', value = '']) => [label, textsOf(operator, value)],
        ),
      ),
    }),
  )
