import type { Stop } from '../bus.js'

interface Branch<Value> {
  readonly branches: Map<string, Branch<Value>>
  /** Values whose pattern ends here, in the order in which they were added. */
  readonly values: Set<{ readonly value: Value }>
  /** Values whose pattern goes on with `>`. */
  readonly rest: Set<{ readonly value: Value }>
}

const branch = <Value>(): Branch<Value> => ({ branches: new Map(), values: new Set(), rest: new Set() })

const isBare = ({ branches, values, rest }: Branch<unknown>): boolean =>
  branches.size === 0 && values.size === 0 && rest.size === 0

/** Who is interested in which subjects; `*` stands for one token of a subject and `>` for one or more at its end. */
export class SubjectTree<Value> {
  readonly #root: Branch<Value> = branch()
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
      const next: Branch<Value> = at.branches.get(token) ?? branch()
      at.branches.set(token, next)
      path.push(next)
      at = next
    }
    const held = { value }
    const place = isRest ? at.rest : at.values
    place.add(held)
    this.#size += 1
    return () => {
      if (!place.delete(held)) return
      this.#size -= 1
      for (let depth = tokens.length; depth > 0; depth -= 1) {
        const [parent, child, token] = [path[depth - 1], path[depth], tokens[depth - 1]]
        if (parent === undefined || child === undefined || token === undefined || !isBare(child)) return
        if (parent.branches.get(token) === child) parent.branches.delete(token)
      }
    }
  }

  /** All values whose pattern matches the subject. */
  match(subject: string): Value[] {
    const found: Value[] = []
    collect(this.#root, subject.split('.'), 0, found)
    return found
  }
}

function collect<Value>(at: Branch<Value>, tokens: readonly string[], depth: number, found: Value[]): void {
  const token = tokens[depth]
  if (token === undefined) {
    for (const { value } of at.values) found.push(value)
    return
  }
  for (const { value } of at.rest) found.push(value)
  const exact = at.branches.get(token)
  if (exact !== undefined) collect(exact, tokens, depth + 1, found)
  const any = at.branches.get('*')
  if (any !== undefined) collect(any, tokens, depth + 1, found)
}

/** Whether a pattern matches a subject. */
export function subjectMatches(pattern: string, subject: string): boolean {
  const wanted = pattern.split('.')
  const tokens = subject.split('.')
  const end = wanted.indexOf('>')
  if (end < 0 ? tokens.length !== wanted.length : tokens.length <= end) return false
  return wanted.every((token, index) => index === end || token === '*' || token === tokens[index])
}
