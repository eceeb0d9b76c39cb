import { busContract } from './bus.contract.js'
import { busLinkContract } from './bus-link.contract.js'
import { factsContract } from './facts.contract.js'
import { logContract } from './log.contract.js'
import { logFollowContract } from './log-follow.contract.js'
import { makeRealMemoryWorld, makeVirtualMemoryWorld } from './memory-world.js'
import { presenceContract } from './presence.contract.js'

for (const [name, make] of [
  ['memory in virtual time', makeVirtualMemoryWorld],
  ['memory in real time', makeRealMemoryWorld],
] as const) {
  busContract(name, make)
  busLinkContract(name, make)
  factsContract(name, make)
  logContract(name, make)
  logFollowContract(name, make)
  presenceContract(name, make)
}
