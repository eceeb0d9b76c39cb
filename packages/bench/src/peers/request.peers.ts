import { packValue, unpackValue } from '@covey/protocol'
import { connect } from 'nats'
import type { BrokerContext } from '../bench-context.js'
import { ourLinks } from '../bus/our-links.js'
import { closedLoop } from '../measure/closed-loop.js'
import { type Contender, standings } from '../measure/compare.js'
import { startChild } from '../process/start-child.js'
import { type Undo, withUndo } from '../process/undo.js'
import { checkEcho, echoedValue, valueSubjects } from './echoed-value.js'
import { echoService, openMoleculer } from './moleculer-api.js'
import { contenderNames } from './peer-names.js'
import type { PeerRow } from './peer-report.js'

const inFlights = [1, 64]
const deadlineMs = 10_000
const cluster = 'bench-values'
const subjects = valueSubjects(cluster)

/** One way to ask for a value and to be answered. */
interface Asker {
  readonly name: string
  ask(): Promise<unknown>
}

async function ourAsker({ server }: BrokerContext, undo: (end: Undo) => void): Promise<Asker> {
  const links = await ourLinks(server, cluster, 'requester')
  undo(() => links.close())
  return {
    name: contenderNames.bus,
    async ask() {
      const outcome = await links.control.request(subjects.ours, packValue(echoedValue), deadlineMs)
      if (outcome.kind !== 'reply') throw new Error(`a request ended with ${outcome.kind}`)
      return unpackValue(outcome.data)
    },
  }
}

async function bareAsker({ server }: BrokerContext, undo: (end: Undo) => void): Promise<Asker> {
  const connection = await connect({ servers: server })
  undo(() => connection.close())
  return {
    name: contenderNames.bare,
    async ask() {
      const data = JSON.stringify(echoedValue)
      return (await connection.request(subjects.bare, data, { timeout: deadlineMs })).json()
    },
  }
}

async function moleculerAsker({ server, clock }: BrokerContext, undo: (end: Undo) => void): Promise<Asker> {
  const order = { role: 'moleculer-service', server, cluster, name: 'answerer' } as const
  const service = await startChild(order, clock)
  undo(() => service.stop())
  const broker = await openMoleculer(server, cluster, 'asker')
  await broker.start()
  undo(() => broker.stop())
  await broker.waitForServices([echoService.name], deadlineMs)
  const action = `${echoService.name}.${echoService.action}`
  return { name: contenderNames.moleculer, ask: () => broker.call(action, echoedValue) }
}

const contender = ({ name, ask }: Asker, inFlight: number, { clock }: BrokerContext): Contender => ({
  name,
  run: async (durationMs, latencies) => {
    const operation = async (): Promise<void> => checkEcho(await ask())
    return (await closedLoop({ clock, inFlight, durationMs, latencies, operation })).perSecond
  },
})

/** A value to another process and back: by our bus, by Moleculer where it can be had, and by the client of NATS alone. */
export const peersOfRequest = (context: BrokerContext, withMoleculer: boolean): Promise<PeerRow[]> =>
  withUndo(async (undo) => {
    const { server, clock } = context
    const order = { role: 'value-responder', server, cluster, name: 'responder' } as const
    const responder = await startChild(order, clock)
    undo(() => responder.stop())
    const our = await ourAsker(context, undo)
    const others = [
      ...(withMoleculer ? [await moleculerAsker(context, undo)] : []),
      await bareAsker(context, undo),
    ]
    const rows: PeerRow[] = []
    for (const inFlight of inFlights) {
      context.say(`request: ${inFlight} in flight`)
      const ours = contender(our, inFlight, context)
      const baselines = others.map((other) => contender(other, inFlight, context))
      const measured = await standings({ ours, baselines }, context)
      rows.push(...measured.map((row) => ({ label: 'request and reply', inFlight, ...row })))
    }
    return rows
  })
