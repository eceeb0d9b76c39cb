/** Numbers for records of plain data, from 0 on: equal records have one number. */
export class Interned<TRecord extends object> {
  readonly #records: TRecord[] = []
  readonly #ids = new Map<string, number>()

  get size(): number {
    return this.#records.length
  }

  /** The number of a record, whose fields come in the same order each time. */
  id(record: TRecord): number {
    const key = JSON.stringify(record)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#records.length)
    return this.#records.push(record) - 1
  }

  at(id: number): TRecord {
    const record = this.#records[id]
    if (record === undefined) throw new Error(`No record has the number ${id}`)
    return record
  }
}
