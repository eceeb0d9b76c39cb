/** Goodbye reasons (scenario A2). */
export const goodbyeReasons = [
  'graceful_shutdown',
  'maintenance',
  'cluster_rebalance',
  'manual_removal',
] as const
/** Why a node leaves. */
export type GoodbyeReason = (typeof goodbyeReasons)[number]
