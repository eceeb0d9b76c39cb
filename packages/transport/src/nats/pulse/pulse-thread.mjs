/**
 * The thread of a pulse: answers plain probes while the event loop of the process may be blocked, and ends the process
 * where exclusive work outlives its lease because of that (K28). It knows no schema and imports as little as it can: a
 * question is plain when it has the fields of the example, an answer is the last one that the loop gave with the lag
 * beside it. Plain JavaScript, because a thread runs under bare Node from sources too.
 */
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Packr } from 'msgpackr'
import { connect } from 'nats'
import { withAuthenticator } from '../secret-authenticator.mjs'

/** @type {import('./pulse-work.js').PulseWork} */
const { connection: options, memory, cells, lookIntervalMs, graceLooks, lastWords } = workerData
const shared = new Int32Array(memory)
const packr = new Packr({ useRecords: false })

// A loop may be just about to turn.
const looksMin = 2
let turns = 0
let turnedAtMs = performance.now()
let overdueLooks = 0

/** How long the loop has not turned, as far as this thread has looked. */
const standsStillMs = () => {
  const seen = Atomics.load(shared, cells.turns)
  const nowMs = performance.now()
  if (seen !== turns) {
    turns = seen
    turnedAtMs = nowMs
  }
  return nowMs - turnedAtMs
}

// Looks are counted and not time: after a stop of the whole process the loop gets its grace first.
const look = () => {
  const stillMs = standsStillMs()
  const allowedMs = Atomics.load(shared, cells.standsStillMsMax)
  const leaseLeftMs = allowedMs - graceLooks * lookIntervalMs
  const isOver = stillMs > Math.max(0, leaseLeftMs)
  overdueLooks = isOver && allowedMs >= 0 && Atomics.load(shared, cells.held) > 0 ? overdueLooks + 1 : 0
  const looks = Math.max(looksMin, Math.min(graceLooks, Math.ceil(allowedMs / lookIntervalMs)))
  if (overdueLooks < looks) return
  try {
    writeSync(2, lastWords)
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}
setInterval(look, lookIntervalMs)

/** @param {unknown} body @param {object} example */
const hasFieldsOf = (body, example) =>
  typeof body === 'object' && body !== null && Object.keys(body).every((key) => key in example)

/** @type {import('nats').NatsConnection | undefined} */
let connection
/** @type {import('nats').Subscription | undefined} */
let subscription
/** @type {Extract<import('./pulse-work.js').PulseOrder, { kind: 'open' }> | undefined} */
let wanted
/** @type {[unknown, unknown, object]} */
let answer

const subscribe = async () => {
  subscription?.unsubscribe()
  subscription = undefined
  if (wanted === undefined || connection === undefined) return
  const { opening, subject, question } = wanted
  const [version, kind, example] = packr.unpack(question)
  subscription = connection.subscribe(subject, {
    callback: (refusal, message) => {
      if (refusal !== null || Atomics.load(shared, cells.opening) !== opening) return
      try {
        const frame = packr.unpack(message.data)
        if (frame[0] !== version || frame[1] !== kind || !hasFieldsOf(frame[2], example)) return
        const lagMs = Math.max(0, Math.round(standsStillMs() - lookIntervalMs))
        message.respond(packr.pack([answer[0], answer[1], { ...answer[2], lagMs }]))
      } catch {
        // A frame that cannot be read is refused by the loop too, which tells of it; a link that closes answers nobody.
      }
    },
  })
  try {
    await connection.flush()
  } catch {
    // The link broke: the client subscribes again with the next, and whoever waits for this goes on without it.
    return
  }
  parentPort?.postMessage({ opened: opening })
}

/** @param {import('./pulse-work.js').PulseOrder} order */
const obey = async (order) => {
  if (order.kind === 'open') {
    wanted = order
    answer = packr.unpack(order.answer)
    await subscribe()
  } else if (order.kind === 'say') {
    answer = packr.unpack(order.answer)
  } else if (order.kind === 'close') {
    wanted = undefined
    await subscribe()
  } else {
    await connection?.close()
    process.exit()
  }
}

// What fails here ends the thread, which its keeper tells of and starts again.
parentPort?.on('message', (order) => void obey(order))

connection = await connect(withAuthenticator(options))
await subscribe()
