import type { RenewMessage, ReportMessage } from '@covey/protocol'
import type { ClaimNumbers } from './token-order.js'

/** A generation of a worker, and the shard to whose leaders it speaks. */
export interface Speaker {
  readonly shard: number
  readonly worker: string
  readonly generation: number
}

/** A credit, as its worker has named it. */
export interface GivenCredit {
  /** Epochs of the leaders to whom it was named: a report names no stream epoch, and none is kept. */
  readonly epochs: ReadonlySet<number>
  /** The worker has sent a renewal without it since: whoever hears that may take it for gone. */
  readonly isGone: boolean
}

/** A worker says that it does not run what it was given. */
export interface SaidRefusal extends Speaker {
  readonly workflow: string
  readonly token: string
  /** Of the leader that it follows. */
  readonly epoch: number
}

interface Said {
  followed: ClaimNumbers
  /** When it first said so, and whom it followed until then. */
  followedSinceMs: number
  followedBefore: ClaimNumbers | undefined
  readonly credits: Map<number, { readonly epochs: Set<number>; isGone: boolean }>
  /** Credits that every renewal since has listed. */
  readonly present: Set<number>
}

const keyOf = ({ shard, worker, generation }: Speaker): string => `${shard} ${worker}.${generation}`

/** What workers say to leaders, as it left them: whom they follow, which credits they give, what they refuse. */
export class WorkerWords {
  readonly refusals: SaidRefusal[] = []
  readonly #said = new Map<string, Said>()
  readonly #now: () => number

  /** @param now the time of the world, in milliseconds */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * The leader that it had said to follow before this moment; undefined where it had said nothing. A process that goes on
   * hears at one moment all that has come: what it takes then of one leader begins when it has heard the next one.
   */
  followedBy(speaker: Speaker): ClaimNumbers | undefined {
    const said = this.#said.get(keyOf(speaker))
    return said?.followedSinceMs === this.#now() ? said.followedBefore : said?.followed
  }

  creditOf(speaker: Speaker, credit: number): GivenCredit | undefined {
    return this.#said.get(keyOf(speaker))?.credits.get(credit)
  }

  noteRenewal(shard: number, { worker, generation, ...renewal }: RenewMessage): void {
    const { streamEpoch, epoch, opened, credits } = renewal
    const said = this.#of({ shard, worker, generation })
    if (streamEpoch !== said.followed.streamEpoch || epoch !== said.followed.epoch) {
      if (said.followedSinceMs !== this.#now()) said.followedBefore = said.followed
      said.followed = { streamEpoch, epoch }
      said.followedSinceMs = this.#now()
    }
    const listed = new Set(credits)
    for (const credit of said.present) {
      if (listed.has(credit)) continue
      said.present.delete(credit)
      const known = said.credits.get(credit)
      if (known) known.isGone = true
    }
    if (opened) give(said, credits, epoch)
  }

  noteReport(shard: number, { worker, generation, epoch, reports }: ReportMessage): void {
    const said = this.#of({ shard, worker, generation })
    for (const { kind, workflow, token, credits } of reports) {
      give(said, credits, epoch)
      if (kind === 'refused') this.refusals.push({ shard, worker, generation, workflow, token, epoch })
    }
  }

  #of(speaker: Speaker): Said {
    const key = keyOf(speaker)
    const known = this.#said.get(key)
    if (known !== undefined) return known
    const nobody = { streamEpoch: 0, epoch: 0 }
    const said: Said = {
      ...{ followed: nobody, followedSinceMs: this.#now(), followedBefore: undefined },
      ...{ credits: new Map(), present: new Set() },
    }
    this.#said.set(key, said)
    return said
  }
}

function give({ credits, present }: Said, named: readonly number[], epoch: number): void {
  for (const credit of named) {
    const known = credits.get(credit)
    if (known !== undefined) {
      known.epochs.add(epoch)
      continue
    }
    credits.set(credit, { epochs: new Set([epoch]), isGone: false })
    present.add(credit)
  }
}
