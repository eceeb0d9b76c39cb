import type { Model } from '@covey/checker'

/** What the states of a model come to, whatever becomes of the first that is wrong. */
export interface Found {
  readonly count: number
  /** The rules that some state or step breaks, with those of every model. */
  readonly rules: readonly string[]
  /** What is visible in some state. */
  readonly visible: readonly string[]
  /** The steps that change what is visible, each as two places in that list. */
  readonly steps: ReadonlySet<string>
}

/**
 * Looks at every state of a model, by nothing that the checker looks with: without its store, its packing and its search,
 * and without an end where something is wrong. Of a model without end it looks at those so many steps away, and does not
 * ask of them whether a way leads to where all may stay.
 */
export function allStates(
  model: Model,
  visibleIn: (state: Int32Array) => string,
  stepsMax = Number.POSITIVE_INFINITY,
): Found {
  const walk = new AllStates(model)
  walk.run(stepsMax)
  return walk.found(visibleIn)
}

class AllStates {
  readonly #model: Model
  readonly #states: Int32Array[] = []
  readonly #ids = new Map<string, number>()
  /** From where one step leads to each state. */
  readonly #origins: number[][] = []
  readonly #quiet = new Set<number>()
  readonly #rules = new Set<string>()

  constructor(model: Model) {
    this.#model = model
  }

  run(stepsMax: number): void {
    this.#take(Int32Array.from(this.#model.start()))
    let at = 0
    for (let steps = 0; steps < stepsMax && at < this.#states.length; steps += 1)
      for (const end = this.#states.length; at < end; at += 1)
        this.#expand(at, this.#states[at] as Int32Array)
    const isWhole = at === this.#states.length
    if (isWhole && this.#leadingToQuiet().size < this.#states.length) this.#rules.add('lost')
  }

  found(visibleIn: (state: Int32Array) => string): Found {
    const seen = this.#states.map(visibleIn)
    const visible = [...new Set(seen)].sort()
    const places = new Map(visible.map((text, place) => [text, place]))
    const placeOf = seen.map((text) => places.get(text))
    const steps = this.#origins.flatMap((origins, to) =>
      origins
        .filter((from) => placeOf[from] !== placeOf[to])
        .map((from) => `${placeOf[from]} to ${placeOf[to]}`),
    )
    return { count: seen.length, rules: [...this.#rules].sort(), visible, steps: new Set(steps) }
  }

  #take(state: Int32Array): number {
    this.#model.normalise?.(state)
    const key = state.join()
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#states.length)
    this.#origins.push([])
    const rule = this.#model.violation(state)
    if (rule !== undefined) this.#rules.add(rule)
    return this.#states.push(state) - 1
  }

  #expand(at: number, state: Int32Array): void {
    let next = state
    let ways = 0
    this.#model.successors(state, {
      begin: () => {
        next = Int32Array.from(state)
        return next
      },
      reach: (_, broken) => {
        if (broken !== undefined) this.#rules.add(broken)
        const to = this.#take(next)
        if (to === at) return
        ways += 1
        this.#origins[to]?.push(at)
      },
    })
    if (this.#model.isQuiet(state)) this.#quiet.add(at)
    else if (ways === 0) this.#rules.add('stuck')
  }

  #leadingToQuiet(): ReadonlySet<number> {
    const leading = new Set(this.#quiet)
    // What is added while it is walked is walked too.
    for (const state of leading) for (const origin of this.#origins[state] ?? []) leading.add(origin)
    return leading
  }
}
