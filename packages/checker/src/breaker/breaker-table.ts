import { type Environment, Breakers as ProductionBreakers, type WorkRequest } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import type { BreakerState } from '@covey/machines'
import { Interned } from '../interned.js'
import { AnyTimeClock } from './any-time-clock.js'
import { StatedEndings } from './stated-endings.js'

/** What is left out of the rules, to see that it is missed. */
export type BreakerPlant =
  | 'counts each word'
  | 'goes by name'
  | 'hears of no end'
  | 'notes failures only'
  | 'looks a turn before it sends'
  | 'time stands still'

/** What is done to the breakers of a manager, on the request of a place or on none. */
export type Deed =
  | { readonly kind: 'send' | 'taken' | 'failed'; readonly place: number; readonly generation: number }
  /** The log has not taken it, or it has: nobody takes it back any more. */
  | { readonly kind: 'withdraw' | 'settle'; readonly place: number }
  | { readonly kind: 'rest' | 'end' }

/** What the breakers show of the worker's generations, the first of which may have ended. */
export interface BreakerLook {
  readonly states: readonly BreakerState[]
  readonly admits: readonly boolean[]
  /** Breakers and timers that are there. */
  readonly breakers: readonly string[]
  readonly timers: number
}

/** Where a deed leads. */
export interface Done {
  readonly local: number
  /** Whether listeners were told that work may go out. */
  readonly isTold: boolean
}

interface Local {
  readonly deeds: readonly Deed[]
  readonly look: BreakerLook
  /** By the number of the deed. */
  readonly next: (Done | undefined)[]
}

/** One history of breakers, alive. */
class Breakers {
  readonly clock = new AnyTimeClock()
  readonly endings: StatedEndings
  readonly system = createActorSystem({ node: 'manager', clock: this.clock })
  readonly parts: ProductionBreakers
  told = 0
  readonly #plants: ReadonlySet<BreakerPlant>
  /** The number of the request of a place: another one with the first word on it. */
  readonly #numbers = new Map<number, number>()
  readonly #withdraws = new Map<number, (() => void) | undefined>()
  /** Requests that may be taken back from what a breaker counts now, and what was said of each since there is one. */
  readonly #fresh = new Set<number>()
  readonly #said = new Map<number, string>()

  constructor(plants: ReadonlySet<BreakerPlant>) {
    this.#plants = plants
    this.endings = new StatedEndings(plants.has('hears of no end') || plants.has('goes by name'))
    const env = { system: this.system } as unknown as Environment
    this.parts = new ProductionBreakers({ env, members: () => this.endings.members })
    this.parts.onChange(() => {
      this.told += 1
      this.#fresh.clear()
    })
  }

  do(deed: Deed): void {
    this.#carryOut(deed)
    if (this.system.addresses().length > 0) return
    this.#said.clear()
    this.#fresh.clear()
  }

  #carryOut(deed: Deed): void {
    switch (deed.kind) {
      case 'rest':
        this.clock.ring()
        break
      case 'end':
        this.endings.end()
        break
      case 'send':
        this.#send(deed)
        break
      case 'withdraw':
        this.#withdraws.get(deed.place)?.()
        this.#forget(deed.place)
        break
      case 'settle':
        this.#forget(deed.place)
        break
      default:
        this.#note(deed)
    }
  }

  get look(): BreakerLook {
    const generations = [1, 2].map((generation) => this.#named(generation))
    return {
      states: generations.map((generation) => this.parts.stateOf('w', generation)),
      admits: generations.map((generation) => this.parts.admits('w', generation)),
      breakers: this.system.addresses(),
      timers: this.clock.armed,
    }
  }

  /** All that decides what may come of it: what it shows, what its charts keep, and what it may remember of requests. */
  get key(): string {
    const { look } = this
    const charts = look.breakers.map((address) => this.system.snapshot(address))
    return JSON.stringify([look, charts, [...this.#fresh].sort(), [...this.#said].sort(), this.endings.known])
  }

  #send({ place, generation }: Extract<Deed, { readonly place: number; readonly generation: number }>): void {
    this.#withdraws.set(place, this.parts.noteSent('w', this.#named(generation)))
    if (this.parts.stateOf('w', this.#named(generation)) !== 'closed') this.#fresh.add(place)
  }

  /** A request that nobody takes back any more, and of which nothing was said since. */
  #forget(place: number): void {
    this.#withdraws.delete(place)
    this.#fresh.delete(place)
    this.#said.delete(place)
  }

  #note({ kind, place, generation }: Extract<Deed, { readonly generation: number }>): void {
    if (!this.#said.has(place) || this.#plants.has('counts each word'))
      this.#numbers.set(place, this.#numbers.size === 0 ? 1 : Math.max(...this.#numbers.values()) + 1)
    this.parts.noteOutcome(this.#requestOf(place, generation), kind === 'taken')
    const words = this.#said.get(place) ?? ''
    const word = `${kind} of ${generation} `
    if (!words.includes(word)) this.#said.set(place, words + word)
  }

  #requestOf(place: number, generation: number): WorkRequest {
    const token = `1.1.${this.#numbers.get(place)}.0`
    return { worker: 'w', generation: this.#named(generation), workflow: `job${place}/main`, token }
  }

  #named(generation: number): number {
    return this.#plants.has('goes by name') ? 1 : generation
  }
}

/** The states of a manager's breakers, as numbers: production code takes each deed once in each, by its history. */
export class BreakerTable {
  readonly #plants: ReadonlySet<BreakerPlant>
  readonly #deeds = new Interned<Deed>()
  readonly #locals: Local[] = []
  readonly #ids = new Map<string, number>()

  constructor(plants: ReadonlySet<BreakerPlant>) {
    this.#plants = plants
    this.#id([], new Breakers(plants))
  }

  get size(): number {
    return this.#locals.length
  }

  look(local: number): BreakerLook {
    return this.#at(local).look
  }

  do(local: number, deed: Deed): Done {
    const { deeds, next } = this.#at(local)
    const number = this.#deeds.id(deed)
    const known = next[number]
    if (known !== undefined) return known
    const breakers = new Breakers(this.#plants)
    for (const each of deeds) breakers.do(each)
    const { told } = breakers
    breakers.do(deed)
    const done = { local: this.#id([...deeds, deed], breakers), isTold: breakers.told > told }
    next[number] = done
    return done
  }

  #id(deeds: readonly Deed[], breakers: Breakers): number {
    const { key } = breakers
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    this.#ids.set(key, this.#locals.length)
    return this.#locals.push({ deeds, look: breakers.look, next: [] }) - 1
  }

  #at(local: number): Local {
    const found = this.#locals[local]
    if (found === undefined) throw new Error(`no breakers have the number ${local}`)
    return found
  }
}
