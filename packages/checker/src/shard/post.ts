import { Interned } from '../interned.js'
import { NumberSets } from '../number-sets.js'
import { PairMap } from '../pair-map.js'
import type { Said, ToWorker } from './mail.js'
import { type Clients, told, type Uttered, type Voice } from './world.js'

/** What is under way and what clients know, as numbers. */
export class Post {
  readonly voices = new Interned<Voice>()
  readonly uttered = new Interned<Uttered>()
  readonly clients = new Interned<Clients>()
  readonly messages = new Interned<ToWorker>()
  readonly answers = new Interned<readonly Said[]>()
  readonly mails = new NumberSets()
  readonly sets = new NumberSets()
  readonly silence = this.uttered.id({ reports: [], renewal: -1, stored: [] })
  readonly #spoken = new PairMap<number>()
  readonly #told = new PairMap<number>()
  readonly #voided: number[][] = []

  /** The voice of a worker that has said more. */
  spoken(voice: number, utters: number): number {
    const known = this.#spoken.get(voice, utters)
    if (known !== undefined) return known
    const { reports, renewal, stored } = this.voices.at(voice)
    const more = this.uttered.at(utters)
    const next = this.voices.id({
      reports: more.reports.reduce((set, report) => this.sets.with(set, report), reports),
      renewal: more.renewal === -1 ? renewal : more.renewal,
      stored: more.stored.reduce((set, word) => this.sets.with(set, word), stored),
    })
    this.#spoken.set(voice, utters, next)
    return next
  }

  /** The mail to a worker without grants of that epoch and older. */
  withoutGrants(mail: number, epoch: number): number {
    const known = this.#voided[mail]?.[epoch]
    if (known !== undefined) return known
    const kept = this.mails.at(mail).filter((message) => {
      const found = this.messages.at(message)
      return found.kind !== 'grant' || found.epoch > epoch
    })
    const next = this.mails.of(kept)
    this.#voided[mail] ??= []
    ;(this.#voided[mail] as number[])[epoch] = next
    return next
  }

  /** What clients know when they were told this. */
  toldOf(clients: number, answers: number): number {
    const known = this.#told.get(clients, answers)
    if (known !== undefined) return known
    const next = this.answers
      .at(answers)
      .reduce((all, said) => (said.to === 'client' ? told(all, said.message) : all), this.clients.at(clients))
    const id = this.clients.id(next)
    this.#told.set(clients, answers, id)
    return id
  }
}
