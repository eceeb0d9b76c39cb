/** Numbers for records of plain data, from 0 on: equal records have one number. */
export class Interned<TRecord extends object> {
  readonly #records: TRecord[] = []
  readonly #ids = new Map<string, number>()
  /** Those that were given out: most records of a state are those of the state before it. */
  readonly #known = new Map<TRecord, number>()

  get size(): number {
    return this.#records.length
  }

  /** The number of a record, whose fields come in the same order each time. */
  id(record: TRecord): number {
    const same = this.#known.get(record)
    if (same !== undefined) return same
    const key = JSON.stringify(record)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const id = this.#records.push(record) - 1
    this.#ids.set(key, id)
    this.#known.set(record, id)
    return id
  }

  at(id: number): TRecord {
    const record = this.#records[id]
    if (record === undefined) throw new Error(`No record has the number ${id}`)
    return record
  }
}
