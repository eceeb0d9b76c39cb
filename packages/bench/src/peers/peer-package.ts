import { fileURLToPath } from 'node:url'
import type { Version } from './version.js'

/** What is installed only when it is measured: heavy, and no dependency of this project. */
export interface PeerPackage {
  /** What people call it, and what the folder of its installation is called after. */
  readonly name: string
  readonly folder: string
  /** Packages of npm with their exact versions; the first is what it is loaded by. */
  readonly packages: Readonly<Record<string, string>>
  /** The oldest Node that it runs on, by its `engines`. */
  readonly nodeFrom: Version
}

/** Below `node_modules`, so that no version control and no linter looks, and `npm ci` clears it away. */
const cacheFolder = fileURLToPath(
  new URL('../../../../node_modules/.cache/covey-bench-peers/', import.meta.url),
)

/** A queue of jobs on Redis. */
export const bullmq: PeerPackage = {
  name: 'BullMQ 6.7.0',
  folder: `${cacheFolder}bullmq`,
  packages: { bullmq: '6.7.0', ioredis: '5.9.3' },
  nodeFrom: [14, 18, 0],
}

/** Services that call each other, here over NATS. */
export const moleculer: PeerPackage = {
  name: 'Moleculer 0.15.2',
  folder: `${cacheFolder}moleculer`,
  packages: { moleculer: '0.15.2', nats: '2.29.3' },
  nodeFrom: [22, 0, 0],
}

const platform = process.platform === 'win32' ? 'win' : process.platform
const program = `node-${platform}-${process.arch}`

/** A newer Node than this one may be, as npm has it: a package for each platform. */
export const newerNode: PeerPackage = {
  name: 'Node 22.23.2',
  folder: `${cacheFolder}node`,
  packages: { [program]: '22.23.2' },
  nodeFrom: [0, 0, 0],
}

/** The program in {@link newerNode}. */
export const newerNodeProgram = `${newerNode.folder}/node_modules/${program}/bin/node${platform === 'win' ? '.exe' : ''}`

/** The packages of a peer as a person would ask npm for them. */
export const packagesText = ({ packages }: PeerPackage): string =>
  Object.entries(packages)
    .map(([name, version]) => `${name}@${version}`)
    .join(' ')
