const read = (session: string): readonly [seed: string, number: number] => {
  const at = session.lastIndexOf('.')
  return [session.slice(0, at), Number(session.slice(at + 1))]
}

/** Whether a session of the side that draws from `seed` is meant. */
export const isNamedBy = (session: string, seed: string): boolean => read(session)[0] === seed

/** Whether one side has named a session before another one of its own: it has given it up since. */
export function isBefore(session: string, later: string): boolean {
  const [seed, number] = read(session)
  const [laterSeed, laterNumber] = read(later)
  return seed === laterSeed && number < laterNumber
}
