/** Numbers for texts, from 0 on: what a state is made of is numbers, and a story is told in texts. */
export class Words {
  readonly #texts: string[] = []
  readonly #ids = new Map<string, number>()

  id(text: string): number {
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#ids.set(text, this.#texts.length)
    return this.#texts.push(text) - 1
  }

  text(id: number): string {
    const text = this.#texts[id]
    if (text === undefined) throw new Error(`No word has the number ${id}`)
    return text
  }
}
