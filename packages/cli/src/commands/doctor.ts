import { systemClock } from '@covey/transport'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { checkCluster } from '../doctor/cluster-checks.js'
import type { Finding } from '../doctor/finding.js'
import { checkBrokerBinary, checkClock, checkFreeSpace, checkNode } from '../doctor/machine-checks.js'
import { exitCodes } from '../exit-codes.js'
import { renderTable } from '../table.js'

/** The findings for a person, and below them what to do. */
function findingsText(findings: readonly Finding[]): string {
  const rows = findings.map(({ check, state, detail }) => [check, state, detail.split('\n')[0] ?? ''])
  const mends = findings.flatMap(({ check, mend }) => (mend === undefined ? [] : [`→ ${check}: ${mend}`]))
  return [renderTable(['CHECK', 'STATE', 'DETAIL'], rows), ...mends].join('\n')
}

/** `covey doctor`: whether this machine and the cluster have what is needed. */
export const defineDoctor: DefineCommand = (program, host) => {
  const { terminal } = host
  describeClusterCommand(
    program.command('doctor'),
    'check Node, nats-server, the disk, the clock and, where there is one, the cluster',
    'covey doctor',
    'covey doctor --server nats://10.0.0.7:4222 --json',
  ).action(async (options: ClusterOptions) => {
    const findings = [
      checkNode(),
      await checkBrokerBinary(),
      await checkFreeSpace(terminal.folder),
      await checkClock(systemClock),
      ...(await checkCluster(terminal, options)),
    ]
    const healthy = findings.every(({ state }) => state !== 'failed')
    terminal.print(options.json ? JSON.stringify({ ok: healthy, checks: findings }) : findingsText(findings))
    if (!healthy) host.exitCode = exitCodes.failed
  })
}
