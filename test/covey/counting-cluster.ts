import { type Client, defineWorkflow, type RunningNode, type StatisticsWindow } from 'covey'
import type { Observable } from 'rxjs'
import { ClusterWorld } from './cluster-world.js'

type Windows = readonly StatisticsWindow[]

/** What counters have added up to, and how many values histograms have, over all windows. */
export function sums(windows: Windows = []): Record<string, number> {
  const totals: Record<string, number> = {}
  for (const row of windows) {
    if (row.kind === 'counter') totals[row.name] = (totals[row.name] ?? 0) + row.value
    if (row.kind === 'histogram') totals[row.name] = (totals[row.name] ?? 0) + row.count
  }
  return totals
}

/** Subscribes, and writes down all that comes. */
export function hear(stream$: Observable<Windows>) {
  const heard = { all: [] as Windows[], isComplete: false, error: undefined as unknown }
  stream$.subscribe({
    next: (windows) => heard.all.push(windows),
    complete: () => {
      heard.isComplete = true
    },
    error: (error) => {
      heard.error = error
    },
  })
  return heard
}

/** Two managers, and a worker of functions that count. */
export class CountingCluster extends ClusterWorld {
  /** Begun attempts, by workflow. */
  readonly begun = new Map<string, number>()

  /** Counts four times, five seconds apart; fails the first attempt where it is told to. */
  readonly count = defineWorkflow({
    ...{ name: 'count', version: '1', exclusive: false, retry: { attempts: 2, backoff: 100 } },
    run: async ({ input, workflow, attempt, statistics }) => {
      this.begun.set(workflow, attempt)
      for (let index = 1; index <= 4; index += 1) {
        statistics.counter('orders').add(index)
        statistics.gauge('left').set(4 - index)
        statistics.histogram('ms').record(index * 100)
        await this.#sleep(5_000)
      }
      if (input === 'fails once' && attempt === 1) throw new Error('not yet')
    },
  })

  /** Counts once, and a second time after half a minute. */
  readonly seldom = defineWorkflow({
    ...{ name: 'seldom', version: '1', exclusive: false },
    run: async ({ statistics }) => {
      for (let times = 0; times < 2; times += 1) {
        statistics.counter('orders').add(3)
        statistics.histogram('ms').record(7)
        await this.#sleep(30_000)
      }
    },
  })

  /** Starts it, and answers with a client. */
  async begin(): Promise<Client> {
    const nodes: RunningNode[] = [
      this.node('m1', ['manager'], []),
      this.node('m2', ['manager'], []),
      this.counter('w1'),
    ]
    await this.during(Promise.all(nodes.map((node) => node.ready)))
    return this.client()
  }

  /** One more worker. */
  counter(name: string): RunningNode {
    return this.node(name, ['worker'], [this.count, this.seldom], 8)
  }

  /** A step for each input. */
  steps(inputs: readonly string[]) {
    return Object.fromEntries(inputs.map((input, index) => [`s${index}`, { workflow: this.count, input }]))
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.clock.setTimeout(resolve, ms))
  }
}
