import { connectLinks, startBroker, systemClock } from '@covey/transport'
import { freshCluster, linksOptions } from './nats-world.js'

// A process that owns a broker. It says where the broker is, and on SIGINT says goodbye over it before it stops it.
const [, , dataDir] = process.argv
const say = (what: object): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

const broker = await startBroker({
  startDeadlineMs: 8_000,
  clock: systemClock,
  ...(dataDir === undefined ? {} : { dataDir }),
})
const links = await connectLinks(linksOptions(broker.url, freshCluster()))
process.on('SIGINT', () => {
  void (async () => {
    await links.control.flush()
    say({ flushed: true })
    await links.close()
    await broker.stop()
  })()
})
say({ pid: broker.pid, url: broker.url, dataDir: broker.dataDir })
