const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length

/** Where the text ends whose quote is at `start`: at the next quote that no odd number of backslashes stands before. */
function endOfText(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let before = end
    while (json[before - 1] === '\\') before -= 1
    if ((end - before) % 2 === 0) return end
  }
}

/** What is wrong with the next key of an object, given the keys before it. */
function faultOf(written: string, keys: Set<string> | undefined): string | undefined {
  const key = JSON.parse(written) as string
  if (keys?.has(key)) return `the key ${written} is there twice`
  if (key === '__proto__') return `a key cannot be ${written}`
  keys?.add(key)
  return undefined
}

/** What is wrong with the keys of a text that is JSON: `JSON.parse` takes the last of two, and says nothing. */
function keyFault(json: string): string | undefined {
  // For each object and array around the place that is read: the keys so far of an object, nothing of an array.
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index]
    if (character === '{') open.push(new Set())
    else if (character === '[') open.push(undefined)
    else if (character === '}' || character === ']') open.pop()
    else if (character === '"') {
      const end = endOfText(json, index)
      last = json.slice(index, end + 1)
      index = end
    } else if (character === ':') {
      const fault = faultOf(last, open.at(-1))
      if (fault !== undefined) return `${fault}: see line ${lineOf(json, index)}`
    }
  }
  return undefined
}

/**
 * Reads JSON that a person has written. Throws a `SyntaxError` for what is no JSON, and for what would not arrive as it
 * was written: a key that is there twice, or `__proto__`.
 */
export function parseStrictJson(json: string): unknown {
  const value: unknown = JSON.parse(json)
  const fault = keyFault(json)
  if (fault !== undefined) throw new SyntaxError(fault)
  return value
}
