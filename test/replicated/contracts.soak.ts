import { busContract } from '../transport/bus.contract.js'
import { busLinkContract } from '../transport/bus-link.contract.js'
import { factsContract } from '../transport/facts.contract.js'
import { logContract } from '../transport/log.contract.js'
import { logFollowContract } from '../transport/log-follow.contract.js'
import { presenceContract } from '../transport/presence.contract.js'
import { replicatedWorlds, useThreeServers } from './three-servers.js'

describe('K53 Transport over three servers', function () {
  this.timeout(120_000)
  const make = replicatedWorlds(useThreeServers())
  busContract('three servers', make)
  busLinkContract('three servers', make)
  factsContract('three servers', make)
  logContract('three servers', make)
  logFollowContract('three servers', make)
  presenceContract('three servers', make)
})
