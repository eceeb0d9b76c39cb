import { readdir, readFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { limits } from '@covey/protocol'
import { type Clock, delay } from '../../clock.js'

/** What a broker says of itself to whoever connects. */
export interface BrokerGreeting {
  readonly url: string
  readonly version: string
  readonly jetStream: boolean
}

const pollIntervalMs = 10
const greetingDeadlineMs = 1_000

async function readUrl(dataDir: string): Promise<string | undefined> {
  const name = (await readdir(dataDir)).find((file) => file.endsWith('.ports'))
  if (name === undefined) return undefined
  try {
    const { nats = [] } = JSON.parse(await readFile(join(dataDir, name), 'utf8')) as { nats?: string[] }
    return nats[0]
  } catch {
    return undefined // It is being written: the next look finds it whole.
  }
}

/** Connects and reads the first line; `undefined` when nobody is there yet. */
const readGreeting = (url: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) })
    let text = ''
    const finish = (line?: string): void => {
      socket.destroy()
      resolve(line)
    }
    socket.setTimeout(greetingDeadlineMs, () => finish())
    socket.on('error', () => finish())
    socket.on('close', () => resolve(undefined))
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (text.includes('\r\n')) finish(text.slice(0, text.indexOf('\r\n')))
      else if (text.length > limits.brokerGreetingBytesMax) finish()
    })
  })

/**
 * Waits until the broker of a data folder greets. `isGone` ends the waiting early, and so does the deadline: the
 * answer is then `undefined`.
 */
export async function awaitBroker(
  dataDir: string,
  clock: Clock,
  deadlineMs: number,
  isGone: () => boolean,
): Promise<BrokerGreeting | undefined> {
  const giveUpAtMs = clock.now() + deadlineMs
  while (!isGone() && clock.now() < giveUpAtMs) {
    const url = await readUrl(dataDir)
    const line = url === undefined ? undefined : await readGreeting(url)
    if (url !== undefined && line?.startsWith('INFO ')) {
      const { version, jetstream } = JSON.parse(line.slice('INFO '.length)) as {
        version: string
        jetstream?: boolean
      }
      return { url, version, jetStream: jetstream === true }
    }
    await delay(clock, pollIntervalMs)
  }
  return undefined
}
