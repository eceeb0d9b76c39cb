import { createSubjects } from '@covey/protocol'
import type { Facts, Links } from '@covey/transport'

/** One store of facts under the contract: the records of members, or the outbox. */
export interface FactsKind {
  readonly name: string
  of(links: Links): Facts
  /** The subject of the record `number` of a node. */
  subject(cluster: string, node: string, number: number): string
  /** The pattern of all records of a node. */
  patternOf(cluster: string, node: string): string
  /** The pattern of all records. */
  all(cluster: string): string
}

/** Objects belong to shards: each node of the contract is one. */
const shardOf = (node: string): number =>
  [...node].reduce((sum, letter) => 31 * sum + letter.charCodeAt(0), 0)

/** All of them. */
export const factsKinds: readonly FactsKind[] = [
  {
    name: 'facts',
    of: (links) => links.facts,
    subject: (cluster, node, number) => createSubjects(cluster).fact(node, number, 'joined'),
    patternOf: (cluster, node) => createSubjects(cluster).factsOf(node),
    all: (cluster) => createSubjects(cluster).facts,
  },
  {
    name: 'outbox',
    of: (links) => links.outbox,
    subject: (cluster, node, number) =>
      createSubjects(cluster).outbox(0, node, 1, 'job/step', `0.1.${number}.0`),
    patternOf: (cluster, node) => `covey.${cluster}.outbox.0.${node}.>`,
    all: (cluster) => createSubjects(cluster).outboxAll,
  },
  {
    name: 'objects',
    of: (links) => links.objects,
    subject: (cluster, node, number) =>
      createSubjects(cluster).snapshotPart(shardOf(node), { streamEpoch: 1, epoch: 1, sequence: 1 }, number),
    patternOf: (cluster, node) => createSubjects(cluster).snapshotsOf(shardOf(node)),
    all: (cluster) => createSubjects(cluster).objects,
  },
]
