/** A promise that is resolved from outside, once; further calls say nothing. */
export class Signal<Value> {
  readonly promise: Promise<Value>
  #resolve: ((value: Value) => void) | undefined

  constructor() {
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  resolve(value: Value): void {
    this.#resolve?.(value)
    this.#resolve = undefined
  }
}
