import { busContract } from '../transport/bus.contract.js'
import { busLinkContract } from '../transport/bus-link.contract.js'
import { factsContract } from '../transport/facts.contract.js'
import { logContract } from '../transport/log.contract.js'
import { logFollowContract } from '../transport/log-follow.contract.js'
import { presenceContract } from '../transport/presence.contract.js'
import { natsWorlds, useBroker } from './nats-world.js'

describe('Transport over NATS', () => {
  const make = natsWorlds(useBroker())
  busContract('NATS', make)
  busLinkContract('NATS', make)
  factsContract('NATS', make)
  logContract('NATS', make)
  logFollowContract('NATS', make)
  presenceContract('NATS', make)
})
