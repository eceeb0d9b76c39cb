import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { type Clock, delay } from '../../clock.js'
import type { Random } from '../../random.js'
import { isRunning, type KnownProcess, signalProcess } from './process-identity.js'

/** Who uses a store: the store is in use while any of them runs. */
interface StoreHolders {
  readonly owner: KnownProcess
  readonly guard?: KnownProcess
  readonly server?: KnownProcess
}

/** A lock that is held. */
export interface StoreLock {
  /** Names further processes that use the store. */
  note(holders: StoreHolders): Promise<void>
  release(): Promise<void>
}

/** Where a store is and who wants it. */
export interface LockRequest {
  readonly dataDir: string
  readonly holders: StoreHolders
  readonly clock: Clock
  readonly random: Random
  /** How long a broker whose owner is gone may take to end by itself before it is killed. */
  readonly orphanGraceMs: number
}

const pollIntervalMs = 25
const lockPattern = /^lock\.(\d{1,15})$/

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code

const numbersIn = async (dataDir: string): Promise<number[]> =>
  (await readdir(dataDir))
    .map((name) => lockPattern.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((one, other) => other - one)

async function readHolders(path: string): Promise<StoreHolders | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StoreHolders
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw new CoveyError('store_locked', `the lock ${path} cannot be read`, {
      address: path,
      mend: 'remove the file if no broker uses the folder',
      cause: error,
    })
  }
}

const lockedBy = (dataDir: string, { owner }: StoreHolders): CoveyError =>
  new CoveyError('store_locked', `process ${owner.pid} runs a broker on ${dataDir}`, {
    address: dataDir,
    mend: `end process ${owner.pid}, or name another data folder with --data`,
  })

async function running(candidates: readonly (KnownProcess | undefined)[]): Promise<KnownProcess[]> {
  const found: KnownProcess[] = []
  for (const known of candidates) if (known !== undefined && (await isRunning(known))) found.push(known)
  return found
}

/**
 * Waits until nobody uses the store any more. A broker whose owner is gone is about to end; one that does not is
 * killed, since nobody is left to do it. Throws `store_locked` while the owner itself lives.
 */
async function awaitAbandoned(request: LockRequest, holders: StoreHolders): Promise<void> {
  const { clock, dataDir, orphanGraceMs } = request
  const killAtMs = clock.now() + orphanGraceMs
  if (await isRunning(holders.owner)) throw lockedBy(dataDir, holders)
  for (;;) {
    const orphans = await running([holders.guard, holders.server])
    if (orphans.length === 0) return
    if (clock.now() >= killAtMs) for (const orphan of orphans) await signalProcess(orphan, 'SIGKILL')
    await delay(clock, pollIntervalMs)
  }
}

/** The process that uses a data folder now; `undefined` where nobody does. Rejects `store_locked` for a lock that cannot be read. */
export async function findStoreUser(dataDir: string): Promise<number | undefined> {
  for (const number of await numbersIn(dataDir)) {
    const holders = await readHolders(join(dataDir, `lock.${number}`))
    const [user] = holders === undefined ? [] : await running([holders.owner, holders.guard, holders.server])
    if (user !== undefined) return user.pid
  }
  return undefined
}

/** Puts a whole file at a name that must be free: it appears with its content or not at all. */
async function createWhole(path: string, holders: StoreHolders, random: Random): Promise<boolean> {
  const draft = `${path}.${random.id()}`
  await writeFile(draft, JSON.stringify(holders), { mode: 0o600 })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Locks a data folder. Locks are numbered like epochs: one whose holders are gone is taken over by creating the next
 * number, which only one can, and not by removing it. So two that find the same stale lock cannot remove each other's.
 * Rejects `store_locked` with the owner's pid.
 */
export async function lockStore(request: LockRequest): Promise<StoreLock> {
  const { dataDir, holders, random } = request
  for (;;) {
    const numbers = await numbersIn(dataDir)
    for (const number of numbers) {
      const found = await readHolders(join(dataDir, `lock.${number}`))
      if (found !== undefined) await awaitAbandoned(request, found)
    }
    const mine = (numbers[0] ?? 0) + 1
    const path = join(dataDir, `lock.${mine}`)
    if (!(await createWhole(path, holders, random))) continue
    const lock = heldLock(path, random)
    // A lock released between the look and the creation may have let in a third: whoever looks last sees the other.
    const others = (await numbersIn(dataDir)).filter((number) => number !== mine)
    try {
      for (const number of others) await clearAbandoned(request, join(dataDir, `lock.${number}`))
    } catch (error) {
      await lock.release()
      throw error
    }
    return lock
  }
}

async function clearAbandoned(request: LockRequest, path: string): Promise<void> {
  const found = await readHolders(path)
  if (found !== undefined) await awaitAbandoned(request, found)
  await rm(path, { force: true })
}

const heldLock = (path: string, random: Random): StoreLock => ({
  async note(holders) {
    const draft = `${path}.${random.id()}`
    await writeFile(draft, JSON.stringify(holders), { mode: 0o600 })
    await rename(draft, path)
  },
  async release() {
    await rm(path, { force: true })
  },
})
