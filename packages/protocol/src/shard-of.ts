/**
 * Which shard a job belongs to: FNV-1a over its id, the same in every language and version, since a job's log can never
 * move. The number of shards is set when a cluster is created.
 */
export function shardOf(job: string, shards: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < job.length; index += 1) {
    hash = Math.imul(hash ^ job.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0) % shards
}
