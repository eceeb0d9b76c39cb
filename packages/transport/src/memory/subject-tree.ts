import { limits } from '@covey/protocol'
import type { Stop } from '../bus.js'

interface Branch<Value> {
  readonly branches: Map<string, Branch<Value>>
  /** Values whose pattern ends here, in the order in which they were added. */
  readonly values: Set<{ readonly value: Value }>
  /** Values whose pattern goes on with `>`. */
  readonly rest: Set<{ readonly value: Value }>
}

/** Where values wait for the subjects of one start: those that take all that begins so, and the branch of their end. */
type Place<Value> = Branch<Value> | Branch<Value>['rest']

const branch = <Value>(): Branch<Value> => ({ branches: new Map(), values: new Set(), rest: new Set() })

const isBare = ({ branches, values, rest }: Branch<unknown>): boolean =>
  branches.size === 0 && values.size === 0 && rest.size === 0

/** Who is interested in which subjects; `*` stands for one token of a subject and `>` for one or more at its end. */
export class SubjectTree<Value> {
  readonly #root: Branch<Value> = branch()
  /** By all tokens of a subject but the last, which few subjects differ in; as long as no branch comes or goes. */
  readonly #places = new Map<string, readonly Place<Value>[]>()
  /** By subjects that are asked for again and again; as long as no value comes or goes. */
  readonly #found = new Map<string, readonly Value[]>()
  #size = 0

  /** How many values are held. */
  get size(): number {
    return this.#size
  }

  /** Adds a value under a pattern; the answer takes it out again and leaves no empty branch. */
  add(pattern: string, value: Value): Stop {
    const tokens = pattern.split('.')
    const isRest = tokens.at(-1) === '>'
    if (isRest) tokens.pop()
    const path = [this.#root]
    let at = this.#root
    for (const token of tokens) {
      let next = at.branches.get(token)
      if (next === undefined) {
        next = branch()
        at.branches.set(token, next)
        this.#places.clear()
      }
      path.push(next)
      at = next
    }
    const held = { value }
    const place = isRest ? at.rest : at.values
    place.add(held)
    this.#found.clear()
    this.#size += 1
    return () => {
      if (!place.delete(held)) return
      this.#found.clear()
      this.#size -= 1
      for (let depth = tokens.length; depth > 0; depth -= 1) {
        const [parent, child, token] = [path[depth - 1], path[depth], tokens[depth - 1]]
        if (parent === undefined || child === undefined || token === undefined || !isBare(child)) return
        if (parent.branches.get(token) !== child) continue
        parent.branches.delete(token)
        this.#places.clear()
      }
    }
  }

  /** All values whose pattern matches the subject. */
  match(subject: string): Value[] {
    const found: Value[] = []
    const cut = subject.lastIndexOf('.')
    const last = subject.slice(cut + 1)
    for (const place of this.#placesOf(cut < 0 ? '' : subject.slice(0, cut))) {
      if (place instanceof Set) take(place, found)
      else {
        take(place.rest, found)
        take(place.branches.get(last)?.values, found)
        take(place.branches.get('*')?.values, found)
      }
    }
    return found
  }

  /** The same, of a subject that will be asked for again. */
  matchAgain(subject: string): readonly Value[] {
    let found = this.#found.get(subject)
    if (found !== undefined) return found
    found = this.match(subject)
    if (this.#found.size >= limits.subjectStartsMax) this.#found.clear()
    this.#found.set(subject, found)
    return found
  }

  #placesOf(start: string): readonly Place<Value>[] {
    const known = this.#places.get(start)
    if (known !== undefined) return known
    const places: Place<Value>[] = []
    collect(this.#root, start === '' ? [] : start.split('.'), 0, places)
    if (this.#places.size >= limits.subjectStartsMax) this.#places.clear()
    this.#places.set(start, places)
    return places
  }
}

function take<Value>(held: Branch<Value>['values'] | undefined, found: Value[]): void {
  if (held !== undefined) for (const { value } of held) found.push(value)
}

function collect<Value>(
  at: Branch<Value>,
  tokens: readonly string[],
  depth: number,
  places: Place<Value>[],
): void {
  const token = tokens[depth]
  if (token === undefined) {
    places.push(at)
    return
  }
  places.push(at.rest)
  const exact = at.branches.get(token)
  if (exact !== undefined) collect(exact, tokens, depth + 1, places)
  const any = at.branches.get('*')
  if (any !== undefined) collect(any, tokens, depth + 1, places)
}

/** Whether a pattern matches a subject. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.')
  const tokens = subject.split('.')
  const end = wanted.indexOf('>')
  if (end < 0 ? tokens.length !== wanted.length : tokens.length <= end) return false
  return wanted.every((token, index) => index === end || token === '*' || token === tokens[index])
}
