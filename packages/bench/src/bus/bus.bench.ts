import { unpackValue } from '@covey/protocol'
import type { Links } from '@covey/transport'
import { connect, type NatsConnection } from 'nats'
import type { BrokerContext } from '../bench-context.js'
import { closedLoop } from '../measure/closed-loop.js'
import { type Contender, compare } from '../measure/compare.js'
import { startChild } from '../process/start-child.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { burstMessages, busSubjects, payloadBytes } from './burst.js'
import { ourLinks } from './our-links.js'

const inFlights = [1, 64, 256]
/** Bursts under way at a time: what is sent ahead stays within what a socket takes. */
const burstsInFlight = 4
const deadlineMs = 10_000
const cluster = 'bench-bus'
const subjects = busSubjects(cluster)
const payload = new Uint8Array(payloadBytes)

/** Sends a request, or a message that nobody answers. */
interface Sender {
  readonly name: string
  readonly echo: string
  readonly burst: string
  request(subject: string, data: Uint8Array): Promise<Uint8Array>
  publish(subject: string, data: Uint8Array): void
}

const ourSender = ({ control }: Links): Sender => ({
  name: 'ours',
  echo: subjects.echo,
  burst: subjects.burst,
  async request(subject, data) {
    const outcome = await control.request(subject, data, deadlineMs)
    if (outcome.kind !== 'reply') throw new Error(`a request ended with ${outcome.kind}`)
    return outcome.data
  },
  publish: (subject, data) => void control.publish(subject, data),
})

const bareSender = (connection: NatsConnection): Sender => ({
  name: 'nc.request',
  echo: subjects.bareEcho,
  burst: subjects.bareBurst,
  request: async (subject, data) => (await connection.request(subject, data, { timeout: deadlineMs })).data,
  publish: (subject, data) => connection.publish(subject, data),
})

const requests = (sender: Sender, inFlight: number, { clock }: BrokerContext): Contender => ({
  name: sender.name,
  run: async (durationMs, latencies) => {
    const operation = (): Promise<Uint8Array> => sender.request(sender.echo, payload)
    return (await closedLoop({ clock, inFlight, durationMs, latencies, operation })).perSecond
  },
})

/** Bursts that account for every message: whoever answers the last says how many have come so far. */
function bursts(sender: Sender, { clock }: BrokerContext): Contender {
  let sent = 0
  const operation = async (): Promise<void> => {
    for (let message = 1; message < burstMessages; message += 1) sender.publish(sender.burst, payload)
    sent += burstMessages
    const expected = sent
    const received = unpackValue(await sender.request(sender.burst, payload))
    if (received !== expected) throw new Error(`of ${expected} messages ${String(received)} have arrived`)
  }
  return {
    name: sender.name === 'ours' ? 'ours' : 'nc.publish',
    run: async (durationMs, latencies) => {
      const loop = await closedLoop({ clock, inFlight: burstsInFlight, durationMs, latencies, operation })
      return loop.perSecond * burstMessages
    },
  }
}

/** Request and reply, and messages one way, between two processes over one nats-server. */
export const benchBus = (context: BrokerContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const { server, clock, say } = context
    const responder = await startChild({ role: 'responder', server, cluster, name: 'responder' }, clock)
    undo(() => responder.stop())
    const links = await ourLinks(server, cluster, 'requester')
    undo(() => links.close())
    const connection = await connect({ servers: server })
    undo(() => connection.close())
    const [ours, bare] = [ourSender(links), bareSender(connection)]
    const rows: BenchRow[] = []
    for (const inFlight of inFlights) {
      say(`bus: ${inFlight} requests in flight`)
      const pair = { ours: requests(ours, inFlight, context), baselines: [requests(bare, inFlight, context)] }
      rows.push(...(await compare({ label: 'request and reply', inFlight, ...pair }, context)))
    }
    say('bus: one way')
    const pair = { ours: bursts(ours, context), baselines: [bursts(bare, context)] }
    const inFlight = burstsInFlight * burstMessages
    rows.push(...(await compare({ label: 'one way, in bursts', inFlight, ...pair }, context)))
    return rows
  })
