import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CoveyError } from '@covey/protocol'
import type { Stop } from '../../bus.js'
import type { Clock } from '../../clock.js'
import { type Random, systemRandom } from '../../random.js'
import { findBrokerBinary } from './broker-binary.js'
import { type ServerSeat, writeBrokerConfig } from './broker-config.js'
import { awaitBroker, type BrokerGreeting } from './broker-ready.js'
import { folderError } from './folder-error.js'
import { isPortFree } from './free-port.js'
import { type Guard, startGuard } from './guard-process.js'
import { adviceOn, countWords, readLastWords, wordsFile } from './last-words.js'
import { type KnownProcess, knowProcess } from './process-identity.js'
import { lockStore, type StoreLock } from './store-lock.js'

/** How a broker of our own is started. */
export interface BrokerOptions {
  /** Its files, JetStream's store included; a temporary folder, removed at the end, when absent. */
  readonly dataDir?: string
  /** A free one is chosen when absent. */
  readonly port?: number
  /** Where no port is given: this one if it is free, so that who knew an earlier broker finds this one. */
  readonly preferredPort?: number
  /** Defaults to 127.0.0.1: the broker asks for no credentials. */
  readonly host?: string
  /** Its place among several servers that are one broker. It answers before they have agreed on anything. */
  readonly seat?: ServerSeat
  /** The nats-server program; searched for when absent. */
  readonly binary?: string
  readonly startDeadlineMs: number
  readonly clock: Clock
  readonly random?: Random
}

/** How a broker ended that nobody had stopped. */
export interface BrokerExit {
  /** Its own, or null where the process that guards it was killed. */
  readonly code: number | null
  /** Its fatal and error lines; where there are none, its last lines. */
  readonly lastWords: string
}

/** A nats-server of our own that answers. */
export interface Broker {
  readonly url: string
  readonly pid: number
  readonly version: string
  readonly dataDir: string
  /** Ends it and resolves when its process, its port and, if temporary, its folder are gone. */
  stop(): Promise<void>
  /** Calls back once if the broker ends without `stop`; the store is then free for another start. */
  onExit(listener: (exit: BrokerExit) => void): Stop
}

/** Between asking nats-server to end and killing it: with a full disk it does not heed the question. */
const stopGraceMs = 5_000

const guardKilled = 'the process that guards nats-server was killed, and nats-server ended with it'

async function prepareFolder(dataDir: string | undefined): Promise<string> {
  if (dataDir === undefined) return mkdtemp(join(tmpdir(), 'covey-broker-'))
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  return dataDir
}

/** Files that a killed broker leaves would be taken for those of the next one. */
async function removePortFiles(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.endsWith('.ports')) await rm(join(dataDir, name), { force: true })
  }
}

async function knowSelf(): Promise<KnownProcess> {
  const self = await knowProcess(process.pid)
  if (self === undefined)
    throw new CoveyError('broker_failed', 'this system does not say when a process was started')
  return self
}

interface Started {
  readonly greeting: BrokerGreeting
  readonly guard: Guard
  readonly dataDir: string
  readonly isTemporary: boolean
  readonly lock: StoreLock
  /** Where its words begin in the file of all. */
  readonly saidBytes: number
}

/** The port to ask for; -1 lets the broker choose. */
async function choosePort({ port, preferredPort }: BrokerOptions, host: string): Promise<number> {
  if (port !== undefined) return port === 0 ? -1 : port
  return preferredPort !== undefined && (await isPortFree(host, preferredPort)) ? preferredPort : -1
}

function toBroker({ greeting, guard, dataDir, isTemporary, lock, saidBytes }: Started): Broker {
  const listeners = new Set<(exit: BrokerExit) => void>()
  let isStopping = false
  const ended = guard.ended.then(async (code) => {
    const lastWords = code === null ? guardKilled : await readLastWords(dataDir, saidBytes)
    await lock.release()
    if (!isStopping) for (const listener of [...listeners]) listener({ code, lastWords })
  })
  return {
    url: greeting.url,
    version: greeting.version,
    pid: guard.server.pid,
    dataDir,
    async stop() {
      isStopping = true
      guard.end()
      await ended
      if (isTemporary) await rm(dataDir, { recursive: true, force: true })
    },
    onExit(listener) {
      const entry = (exit: BrokerExit): void => listener(exit)
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
  }
}

async function startLocked(options: BrokerOptions, dataDir: string, binary: string): Promise<Started> {
  const { clock, host = '127.0.0.1', random = systemRandom, startDeadlineMs, seat } = options
  const owner = await knowSelf()
  const lock = await lockStore({ dataDir, holders: { owner }, clock, random, orphanGraceMs: stopGraceMs })
  const isTemporary = options.dataDir === undefined
  let guard: Guard | undefined
  try {
    await removePortFiles(dataDir)
    const port = await choosePort(options, host)
    const configPath = await writeBrokerConfig({
      dataDir,
      host,
      port,
      ...(seat === undefined ? {} : { seat }),
    })
    const saidBytes = await countWords(dataDir)
    const order = {
      binary,
      configPath,
      wordsPath: join(dataDir, wordsFile),
      graceMs: stopGraceMs,
      clock,
      ...(isTemporary ? { temporaryDir: dataDir } : {}),
    }
    guard = await startGuard(order)
    let isGone = guard === undefined
    void guard?.ended.then(() => (isGone = true))
    if (guard !== undefined) await lock.note({ owner, guard: guard.guard, server: guard.server })
    const greeting = await awaitBroker(dataDir, clock, startDeadlineMs, () => isGone)
    if (guard !== undefined && greeting?.jetStream)
      return { greeting, guard, dataDir, isTemporary, lock, saidBytes }
    const why = isGone ? 'nats-server ended' : `nats-server did not get ready in ${startDeadlineMs} ms`
    const words = await readLastWords(dataDir, saidBytes)
    throw new CoveyError('broker_failed', words === '' ? why : `${why}; it said:\n${words}`, {
      address: dataDir,
      mend: adviceOn(words, port, isTemporary ? undefined : dataDir),
    })
  } catch (error) {
    guard?.end()
    await guard?.ended
    await lock.release()
    throw error
  }
}

/**
 * Starts a nats-server with JetStream as a child of this process and resolves when it answers. It ends with its owner
 * however the owner ends, but not by the Ctrl-C of the terminal. Rejects `broker_missing` (no program, and how to get
 * it), `store_locked` (the folder is in use, and by which pid), `folder_unusable` (it cannot be written), or
 * `broker_failed` with the server's last words.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const binary = findBrokerBinary(options.binary)
  const named = options.dataDir === undefined ? undefined : resolve(options.dataDir)
  let dataDir = named
  try {
    dataDir = await prepareFolder(named)
    return toBroker(await startLocked(options, dataDir, binary))
  } catch (error) {
    if (named === undefined && dataDir !== undefined) await rm(dataDir, { recursive: true, force: true })
    throw folderError(dataDir ?? tmpdir(), error) ?? error
  }
}
