/**
 * Votes that depart a member, of `answering` members that are not suspect and answered a probe lately, the own node
 * included (K13): `min(3, floor((answering + 1) / 2))`, never below 1. The dead do not count, so they block nothing.
 */
export const departureQuorum = (answering: number): number =>
  Math.max(1, Math.min(3, Math.floor((answering + 1) / 2)))
