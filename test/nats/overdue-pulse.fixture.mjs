// A process with exclusive work whose lease has been over for so long, and is not renewed: its loop turns, then stands still.
import { writeSync } from 'node:fs'
import { singleServerTimings } from '@covey/protocol'
import { connectLinks, systemClock, systemRandom } from '@covey/transport'

const [, , server, cluster, leasesLeftMs, turnsForMs, standsForMs] = process.argv
const links = await connectLinks({
  ...{ servers: [server], cluster, name: 'overdue', role: 'node', shards: 1 },
  ...{ timings: singleServerTimings, clock: systemClock, random: systemRandom },
})
await links.pulse.open(`${cluster}.overdue`, () => ({ generation: 1, state: 'active', health: 0 }))
links.pulse.guard(() => leasesLeftMs.split(',').map(Number)).moved()
links.pulse.holds(1)
setTimeout(() => {
  writeSync(1, 'has turned\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(standsForMs))
  writeSync(1, 'turns again\n')
  process.exit()
}, Number(turnsForMs))
