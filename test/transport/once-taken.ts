/** Asks again for as long as the answer is that the broker cannot now: several servers have to agree first on who leads. */
export async function onceTaken<Outcome extends { readonly kind: string }>(
  ask: () => Promise<Outcome>,
  cannotNow: Outcome['kind'],
): Promise<Outcome> {
  const giveUpAtMs = performance.now() + 30_000
  for (;;) {
    const outcome = await ask()
    if (outcome.kind !== cannotNow || performance.now() > giveUpAtMs) return outcome
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
