/** Messages of one burst; the last of them asks how many have arrived. */
export const burstMessages = 256
/** Bytes of every message. */
export const payloadBytes = 64

/** Where our responder and the bare one listen: each answers requests, and counts bursts. */
export const busSubjects = (cluster: string) => ({
  echo: `${cluster}.echo`,
  burst: `${cluster}.burst`,
  bareEcho: `${cluster}.bare.echo`,
  bareBurst: `${cluster}.bare.burst`,
})
