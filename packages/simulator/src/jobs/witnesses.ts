import type { ManagerPart } from '@covey/actors'
import type { StreamPlace } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import type { PassedWork } from './observed-worker.js'

/** A process that has seen more of a log than the copy has that was put back. */
export interface Witness {
  readonly name: string
  /** The stream epoch of what it has seen: a claim of a higher one tells that the loss was noticed. */
  readonly streamEpoch: number
  /** How far it has seen the log. */
  readonly sequence: number
  /** Whether it takes part: then it speaks to whoever leads. */
  isHere(): boolean
  /** Whether it has ended: then it never speaks again. */
  isDead(): boolean
}

/** Who takes part in work, and what each of them has. */
export interface Processes {
  readonly managers: ReadonlyMap<SimulatedNode, Pick<ManagerPart, 'read'>>
  readonly workers: ReadonlyMap<SimulatedNode, { readonly passed: readonly PassedWork[] }>
}

type Place = Pick<StreamPlace, 'streamEpoch' | 'sequence'>

/**
 * The processes that have seen more of the log of a shard than up to its end: managers have folded it, workers were told by
 * a grant. They are asked when a copy is put back, before they can know.
 */
export function witnessesOf({ managers, workers }: Processes, shard: number, end: Place): Witness[] {
  const hasSeenMore = (place: Place): boolean =>
    place.streamEpoch > end.streamEpoch ||
    (place.streamEpoch === end.streamEpoch && place.sequence > end.sequence)
  const witness = (node: SimulatedNode, place: Place | undefined, takesPart: () => boolean): Witness[] => {
    if (node.isDead || place === undefined || !hasSeenMore(place)) return []
    const isHere = (): boolean => node.isUp && takesPart()
    const { streamEpoch, sequence } = place
    return [{ name: node.address, streamEpoch, sequence, isHere, isDead: () => node.isDead }]
  }
  return [
    ...[...managers].flatMap(([node, part]) =>
      witness(node, part.read()[shard], () => part.read().length > 0),
    ),
    ...[...workers].flatMap(([node, { passed }]) => witness(node, passed[shard]?.granted, () => true)),
  ]
}
