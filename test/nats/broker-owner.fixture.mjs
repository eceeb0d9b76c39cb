// A process that owns a broker. It says where the broker is, and on SIGINT says goodbye over it before it stops it.
import { singleServerTimings } from '@covey/protocol'
import { connectLinks, startBroker, systemClock, systemRandom } from '@covey/transport'

const [, , dataDir] = process.argv
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)

const broker = await startBroker({
  startDeadlineMs: 8_000,
  clock: systemClock,
  ...(dataDir === undefined ? {} : { dataDir }),
})
const links = await connectLinks({
  ...{ servers: broker.url, cluster: `test_${systemRandom.id()}`, name: 'n', role: 'node', shards: 2 },
  ...{ clock: systemClock, random: systemRandom, timings: singleServerTimings, ensureStreams: true },
})
const leave = async () => {
  await links.control.flush()
  say({ flushed: true })
  await links.close()
  await broker.stop()
}
process.on('SIGINT', () => void leave())
say({ pid: broker.pid, url: broker.url, dataDir: broker.dataDir })
