type Fields = Readonly<Record<string, unknown>>

/** Answers `{ ...context, ...update }`. */
export type ContextMerge = (context: Fields, update: Fields) => Record<string, unknown>

/** Kinds of context and update that one assign has code for; what comes beyond is spread. */
export const mergedShapesMax = 4
/** Fields in all of a merge that has code. */
export const mergedFieldsMax = 64
/** Merges of one assign that are spread before one is worth code of its own: most charts of a process take few steps. */
export const spreadsBeforeMerge = 64

interface Shape {
  readonly context: readonly string[]
  readonly update: readonly string[]
  readonly merge: ContextMerge
}

const spread: ContextMerge = (context, update) => ({ ...context, ...update })

/**
 * A merge that gets fast where it meets the same fields again and again. V8 gives the copy of a copy a new hidden class
 * each time until it gives up, so that a context which is spread at each step costs ten times its first copy; a literal
 * with each field written out costs what it looks like (ADR 82). Objects that are not plain are spread; fields that are
 * named by symbols are not looked for, and do not come along once there is code.
 */
export function contextMerge(compile = compileMerge): ContextMerge {
  const shapes: Shape[] = []
  let spreads = 0
  return (context, update) => {
    for (const shape of shapes)
      if (isLaidOut(update, shape.update) && isLaidOut(context, shape.context))
        return shape.merge(context, update)
    spreads += 1
    if (spreads > spreadsBeforeMerge && shapes.length < mergedShapesMax) {
      const shape = shapeOf(context, update, compile)
      if (shape !== undefined) shapes.push(shape)
    }
    return spread(context, update)
  }
}

/** Whether an object has these fields and no others, in this order. */
function isLaidOut(object: Fields, fields: readonly string[]): boolean {
  let count = 0
  for (const field in object) {
    if (field !== fields[count]) return false
    count += 1
  }
  // What is inherited is in the row too, but never of a plain object.
  return count === fields.length && (count === 0 || Object.getPrototypeOf(object) === Object.prototype)
}

function shapeOf(context: Fields, update: Fields, compile: typeof compileMerge): Shape | undefined {
  const fields = { context: Object.keys(context), update: Object.keys(update ?? {}) }
  const all = fields.context.concat(fields.update)
  const isFit = isLaidOut(context, fields.context) && isLaidOut(update, fields.update)
  // In a literal, that name would set the prototype.
  if (!isFit || all.length > mergedFieldsMax || all.includes('__proto__')) return undefined
  return { ...fields, merge: compile(fields.context, fields.update) }
}

/**
 * The merge as a literal of JavaScript, as one would write it by hand. Names of fields come from charts, which may take
 * them from outside: each stands there as a string. It spreads where code from strings is forbidden.
 */
export function compileMerge(context: readonly string[], update: readonly string[]): ContextMerge {
  const isUpdated = new Set(update)
  const fields = [...new Set([...context, ...update])].map((field) => {
    const name = JSON.stringify(field)
    return `${name}: ${isUpdated.has(field) ? 'update' : 'context'}[${name}]`
  })
  try {
    return new Function('context', 'update', `return { ${fields.join(', ')} }`) as ContextMerge
  } catch (error) {
    if (error instanceof EvalError) return spread
    throw error
  }
}
