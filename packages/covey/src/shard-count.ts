/** Shards of a cluster: one in this version. Commands, logs and leases name their shard already. */
export const shardCount = 1
