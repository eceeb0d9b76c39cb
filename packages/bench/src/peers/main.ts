import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@covey/transport'
import { runCommand, say } from '../command.js'
import type { BenchCommand, BenchOptions } from '../options.js'
import { keepCoresAwake } from '../process/awake-cores.js'
import { withUndo } from '../process/undo.js'
import { systemNpm } from './install-peer.js'
import { endWithParent, nodeFor, runBy, thisNode } from './newer-node.js'
import { peerDocument } from './peer-document.js'
import { moleculer } from './peer-package.js'
import { type PeerBenchName, type PeerReport, peerBenchNames } from './peer-report.js'
import { peerTable } from './peer-table.js'
import { runPeers } from './run-peers.js'

const command: BenchCommand<PeerBenchName> = {
  script: 'bench:peers',
  names: peerBenchNames,
  document: 'docs/benchmarks-peers.md',
}
const document = fileURLToPath(new URL(`../../../../${command.document}`, import.meta.url))
const install = { runNpm: systemNpm(systemClock), say }

const measure = (
  { names, awake, json, write, seconds }: BenchOptions<PeerBenchName>,
  lackOfNode: string | undefined,
): Promise<void> =>
  withUndo(async (undo) => {
    if (awake) undo(await keepCoresAwake(availableParallelism()))
    const reports: PeerReport[] = []
    for (const name of names) {
      const report = await runPeers(name, { clock: systemClock, seconds, say, install, lackOfNode })
      console.log(json ? JSON.stringify(report) : `${peerTable(report)}\n`)
      reports.push(report)
    }
    if (write) await writeFile(document, peerDocument(reports, { seconds, awake }))
  })

/** All of one run is measured by one Node: the one that the youngest of the peers needs, where it is to be had. */
async function run(options: BenchOptions<PeerBenchName>): Promise<void> {
  const node = options.names.includes('request')
    ? await nodeFor(moleculer, thisNode(), install)
    : ({ kind: 'this' } as const)
  if (node.kind === 'other') process.exitCode = await runBy(node.program)
  else await measure(options, node.kind === 'none' ? node.leftOut : undefined)
}

if (process.connected) endWithParent()
await runCommand(command, run)
