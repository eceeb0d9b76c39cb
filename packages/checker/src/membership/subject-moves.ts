import { type Cluster, hasBit, type Told } from './cluster.js'
import type { Fact } from './facts.js'
import type { Move } from './move.js'
import { peerEvents } from './peer-table.js'
import type { Process, Sight } from './records.js'
import { isProbed } from './stands.js'

/** What an observer is to its subject. */
export interface Asker {
  /** It asks its peers whether they live. */
  readonly asks: boolean
  /** It says of the generation it sees that it suspects it. */
  readonly suspects: boolean
}

/**
 * What an observer may learn of its subject, and do to it: facts, news, probes, refutation, the fact of its end. News
 * are never gone: they come late, twice or not at all.
 */
export class SubjectMoves {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  of(sight: Sight, subject: Process, asker: Asker): readonly Move[] {
    return [
      ...this.#reading(sight, subject),
      ...this.#hearing(sight, subject),
      ...(asker.asks ? this.#probing(sight, subject) : []),
      ...(asker.suspects ? this.#refuting(sight, subject) : []),
      ...this.#doubting(sight, subject),
      ...this.#writing(sight, subject),
    ]
  }

  #move(word: string, { sight, keeps, broken }: Told): Move {
    return { word, broken, sight: this.#cluster.sights.id(sight), keeps }
  }

  /** Reads the next fact, or is told one again that it has read. */
  #reading(sight: Sight, subject: Process): readonly Move[] {
    const { facts } = this.#cluster
    const row = facts.facts(subject.facts)
    const fact = row[sight.read]
    const told = row.slice(0, sight.read).map(
      (known): Move => ({
        ...this.#move(
          `{one} reads once more ${known.kind}.${known.generation} of {other}`,
          this.#told(sight, known),
        ),
        spends: 'repeats',
      }),
    )
    if (fact === undefined) return told
    const word = `{one} reads ${facts.texts(subject.facts)[sight.read]} of {other}`
    return [this.#move(word, this.#told({ ...sight, read: sight.read + 1 }, fact)), ...told]
  }

  #told(sight: Sight, fact: Fact): Told {
    const { generation } = fact
    const event =
      fact.kind === 'departed'
        ? ({ type: 'departed.heard', generation, how: fact.how, dirty: false } as const)
        : peerEvents[fact.kind](generation)
    return this.#cluster.tellPeer(sight, this.#cluster.peers.event(event))
  }

  #hearing(sight: Sight, { alive, goodbyes }: Process): readonly Move[] {
    const { peers } = this.#cluster
    if (sight.machine === 0) return []
    const hear = (word: string, event: Parameters<typeof peers.event>[0]): Move =>
      this.#move(word, this.#cluster.tellPeer(sight, peers.event(event)))
    return [1, 2, 3].flatMap((generation) => [
      ...(hasBit(alive, generation)
        ? [hear(`{one} hears the sign of life.${generation} of {other}`, peerEvents.alive(generation))]
        : []),
      ...(hasBit(goodbyes, generation)
        ? [hear(`{one} hears the goodbye.${generation} of {other}`, peerEvents.leaving(generation))]
        : []),
    ])
  }

  /** An answer comes while the subject listens under that generation; that none comes costs something then. */
  #probing(sight: Sight, { door }: Process): readonly Move[] {
    const { peers } = this.#cluster
    const view = this.#cluster.viewOf(sight)
    if (view === undefined || !isProbed(view.value)) return []
    const { generation, silentSinceMs } = view.context
    const tell = (event: Parameters<typeof peers.event>[0]): Told =>
      this.#cluster.tellPeer(sight, peers.event(event))
    const listens = door === generation
    const answered = listens
      ? [this.#move('{one} is answered by {other}', tell(peerEvents.answered(generation)))]
      : []
    if (silentSinceMs !== null) return answered
    const failed = tell(peerEvents.failed(generation))
    return [
      ...answered,
      listens
        ? { ...this.#move('{one} does not hear the answer of {other}', failed), spends: 'silences' }
        : this.#move('{one} is not answered by {other}', failed),
    ]
  }

  /** The subject hears that the observer suspects it, and says that it lives: once in a generation. */
  #refuting({ machine }: Sight, subject: Process): readonly Move[] {
    if (this.#cluster.stateOf(subject) !== 'active') return []
    const { nodes, peers } = this.#cluster
    const { generation, incarnation } = nodes.view(subject.machine).context
    if (incarnation > 0 || peers.view(machine).context.generation !== generation) return []
    const event = nodes.event({ type: 'suspicion.heard', observer: '', generation, incarnation: 0, atMs: 0 })
    return [
      {
        word: '{other} says that it lives, since it is suspected by {one}',
        subject: this.#cluster.processId(this.#cluster.tellNode(subject, event)),
      },
    ]
  }

  /** A peer that is long in joining is doubted only when its process is gone. */
  #doubting(sight: Sight, subject: Process): readonly Move[] {
    const { peers } = this.#cluster
    if (sight.machine === 0 || subject.machine !== 0) return []
    return peers
      .rings(sight.machine)
      .filter((ring) => peers.text(ring).includes('joinPatienceMs'))
      .map((ring) =>
        this.#move('{one} has waited long for the joining {other}', this.#cluster.tellPeer(sight, ring)),
      )
  }

  #writing(sight: Sight, subject: Process): readonly Move[] {
    if (!sight.isDecided) return []
    const { facts, sights } = this.#cluster
    const fact = { kind: 'departed', generation: sight.proposed, how: 'crashed' } as const
    return [
      {
        word: '{one} writes the end of {other}',
        sight: sights.id({ ...sight, proposed: 0, isDecided: false }),
        subject: this.#cluster.processId({ ...subject, facts: facts.create(subject.facts, fact) }),
      },
    ]
  }
}
