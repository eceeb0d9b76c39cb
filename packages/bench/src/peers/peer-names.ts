import { bullmq, moleculer } from './peer-package.js'

/** Those that do the same work, as a row names them. */
export const contenderNames = {
  dispatch: 'Covey',
  /** What it writes goes to a file that is synced each second. */
  bull: `${bullmq.name}, Redis AOF everysec`,
  bus: 'Covey bus',
  moleculer: `${moleculer.name}, NATS, JSON`,
  bare: 'nc.request, JSON',
} as const
