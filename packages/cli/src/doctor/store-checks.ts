import { existsSync, mkdtempSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findStoreUser, isPortFree } from '@covey/transport'
import { findClusterFile, isAlive, unknownKeysOf } from '../cluster-file.js'
import { type FreeSpace, freeBytesMin, gibibytes } from '../free-space.js'
import { serverNames } from '../launch/data-folder.js'
import { readKeptPort } from '../launch/kept-port.js'
import { type Check, fail, ok, type Verdict, warn } from './finding.js'

/** What is looked at of the ground that a broker of our own would stand on. */
export interface StoreGround {
  /** The folder that the command was called in. */
  readonly folder: string
  /** Where `covey up` keeps its data. */
  readonly dataDir: string
  /** The port that the broker is to have, where one is named. */
  readonly port: number | undefined
  readonly freeSpace: (folder: string) => Promise<FreeSpace>
  /** The user that this process runs as; undefined where the system knows none. */
  readonly user: number | undefined
}

const otherFolder = 'or name another folder by --data'
/** A broker of ours listens on loopback. */
const host = '127.0.0.1'
/** Less than this is as good as nothing: a batch of the log alone may have half a MiB. */
const fullBytes = 64 * 1_024 ** 2
/** A stream makes a file for each of its blocks. */
const newFilesMin = 1_000

/** The deepest folder that is there already: what is missing below it would be made. */
function existing(path: string): string {
  const above = dirname(path)
  return existsSync(path) || above === path ? path : existing(above)
}

/** Where a server keeps its store, and its port. */
interface Seat {
  readonly store: string
  readonly portFolder: string
}

/** Of the only server of a broker, and of each of several. */
const seatsIn = (dataDir: string): readonly Seat[] => [
  { store: join(dataDir, 'broker'), portFolder: dataDir },
  ...serverNames.map((name) => ({ store: join(dataDir, name), portFolder: join(dataDir, name) })),
]

/** The folders that a broker writes to, as far as they are there. */
const writtenFolders = (dataDir: string): readonly string[] => {
  const stores = seatsIn(dataDir).flatMap(({ store }) => [store, join(store, 'store')])
  return [...new Set([dataDir, join(dataDir, 'logs'), ...stores].map(existing))]
}

/** Asked of the system by doing it: rights alone say nothing of a file system that is read-only, or of root. */
function writeFault(folder: string): string | undefined {
  try {
    rmdirSync(mkdtempSync(join(folder, '.covey-doctor-')))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function lookAtFolder({ dataDir, user }: StoreGround): Verdict {
  const folders = writtenFolders(dataDir)
  for (const folder of folders) {
    if (!statSync(folder).isDirectory())
      return fail('a file stands where a folder is needed', folder, `remove it, ${otherFolder}`)
    const fault = writeFault(folder)
    if (fault !== undefined)
      return fail(`it cannot be written: ${fault}`, folder, `let this user write there, ${otherFolder}`)
  }
  const foreign = folders.find((folder) => existsSync(dataDir) && statSync(folder).uid !== user)
  if (foreign === undefined || user === undefined) return ok('it can be written', dataDir)
  const what = `it belongs to user ${statSync(foreign).uid}, and you are user ${user}: one cannot read what the other writes`
  return warn(what, foreign, `run covey as that user, ${otherFolder}`)
}

async function lookAtSpace({ dataDir, freeSpace }: StoreGround): Promise<Verdict> {
  const folder = existing(dataDir)
  const { bytes, files } = await freeSpace(folder)
  const detail = `${gibibytes(bytes)} free`
  const mend = `a full disk stops the broker, which says nothing of it: make room, ${otherFolder}`
  if (files !== undefined && files < newFilesMin)
    return fail(`room for ${files} new files only (inodes)`, folder, mend)
  if (bytes < fullBytes) return fail(`only ${Math.floor(bytes / 1_024 ** 2)} MiB free`, folder, mend)
  return bytes < freeBytesMin ? warn(`only ${detail}`, folder, mend) : ok(detail, folder)
}

/** Who uses the store of a server now. Rejects `store_locked` for a lock that cannot be read. */
const userOf = async ({ store }: Seat): Promise<number | undefined> =>
  existsSync(store) ? findStoreUser(store) : undefined

async function lookAtLock({ folder, dataDir }: StoreGround): Promise<Verdict | undefined> {
  const users = await Promise.all(seatsIn(dataDir).map(userOf))
  const pid = users.find((user) => user !== undefined)
  if (pid === undefined) return undefined
  const own = findClusterFile(folder)?.content.pid
  if (own === pid) return ok(`used by the cluster of this folder (process ${pid})`, dataDir)
  const what = `process ${pid} runs a broker on it: covey up would refuse it (store_locked)`
  return warn(what, dataDir, `end process ${pid}, ${otherFolder}`)
}

async function verdictOfPort(port: number, seats: readonly Seat[], isNamed: boolean): Promise<Verdict> {
  const where = `${host}:${port}`
  if (await isPortFree(host, port)) return ok('it is free', where)
  const own = seats.filter(({ portFolder }) => readKeptPort(portFolder) === port)
  const users = await Promise.all(own.map(userOf))
  if (users.some((user) => user !== undefined)) return ok('the broker of the store has it', where)
  const mend = '`ss -ltnp` or `lsof -i` names the program: end it, or choose another port'
  if (isNamed) return fail('it cannot be listened on: another program has it', where, mend)
  const what = 'another program has the port of the last time: covey up would take another one'
  return warn(what, where, `${mend}; else nodes started by hand need the new address`)
}

/** The port that is named, else those of the last time. */
async function lookAtPort({ dataDir, port: named }: StoreGround): Promise<Verdict | undefined> {
  const seats = seatsIn(dataDir)
  const ports =
    named === undefined ? seats.flatMap(({ portFolder }) => readKeptPort(portFolder) ?? []) : [named]
  const verdicts = await Promise.all(ports.map((port) => verdictOfPort(port, seats, named !== undefined)))
  return verdicts.find(({ state }) => state !== 'ok') ?? verdicts[0]
}

function lookAtClusterFile({ folder }: StoreGround): Verdict | undefined {
  const found = findClusterFile(folder)
  if (found === undefined) return undefined
  const { path, content } = found
  const unknown = unknownKeysOf(path)
  if (unknown.length > 0)
    return warn(`keys that nobody knows, and that are left alone: ${unknown.join(', ')}`, path, 'remove them')
  if (isAlive(content.pid)) return ok(`cluster ${content.cluster} at ${content.url}`, path)
  const what = `it is left of process ${content.pid}, which is gone`
  return warn(what, path, 'start the cluster again with covey up, or remove the file')
}

/** What `covey up` needs of the folder that it is called in, and of the one for its data. */
export const storeChecks: readonly Check<StoreGround>[] = [
  { name: 'data folder', look: lookAtFolder },
  { name: 'free space', look: lookAtSpace },
  { name: 'store', look: lookAtLock },
  { name: 'port', look: lookAtPort },
  { name: 'cluster file', look: lookAtClusterFile },
]
