import { resolve } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { systemClock, systemWallClock } from '@covey/transport'
import type { AddressOptions } from '../address.js'
import { freeSpaceOf } from '../free-space.js'
import { withSession } from '../session.js'
import type { Terminal } from '../terminal.js'
import { openClusterGround } from './cluster-ground.js'
import { type Finding, ok, runChecks, verdictOf } from './finding.js'
import { machineChecks, openFilesOfShell } from './machine-checks.js'
import { nodeChecks } from './node-checks.js'
import { storeChecks } from './store-checks.js'
import { streamChecks } from './stream-checks.js'

/** What is to be looked at, beside what is there anyway. */
export interface ExamineOptions extends AddressOptions {
  readonly workflows: readonly string[]
  readonly data: string
  readonly port?: number
  readonly name?: string
}

const clock = systemClock

const isNoCluster = (error: unknown): error is CoveyError =>
  error instanceof CoveyError && error.code === 'cluster_not_found'

async function examineCluster(terminal: Terminal, options: ExamineOptions): Promise<readonly Finding[]> {
  try {
    return await withSession(terminal, options, (session) => {
      const ground = openClusterGround(session, options.name, clock, systemWallClock)
      return runChecks([...streamChecks, ...nodeChecks], ground, clock)
    })
  } catch (error) {
    if (!isNoCluster(error)) return [{ check: 'broker', ...verdictOf(error) }]
    // A cluster file that is broken has been found already.
    if (error.cause !== undefined) return []
    return [{ check: 'cluster', ...ok('none is found from here: covey up starts one') }]
  }
}

/** Looks at this machine, at the ground of `covey up` and, where there is one, at the cluster. Changes nothing. */
export async function examine(terminal: Terminal, options: ExamineOptions): Promise<readonly Finding[]> {
  const { folder } = terminal
  const { workflows, data, port } = options
  const machine = {
    ...{ folder, workflows, clock, nodeVersion: process.versions.node, environment: process.env },
    openFiles: openFilesOfShell,
  }
  const store = {
    ...{ folder, dataDir: resolve(folder, data), port, freeSpace: freeSpaceOf, user: process.getuid?.() },
  }
  return [
    ...(await runChecks(machineChecks, machine, clock)),
    ...(await runChecks(storeChecks, store, clock)),
    ...(await examineCluster(terminal, options)),
  ]
}
