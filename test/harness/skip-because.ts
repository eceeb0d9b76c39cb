/** Leaves a test out on a machine that lacks what it needs, and says what that is. */
export function skipBecause(context: Mocha.Context, why: string): never {
  process.stderr.write(`      not here: ${why}\n`)
  return context.skip()
}
