import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { type Finding, runChecks } from '../../packages/cli/src/doctor/finding.js'
import { findingsText } from '../../packages/cli/src/doctor/findings-text.js'
import { type MachineGround, machineChecks } from '../../packages/cli/src/doctor/machine-checks.js'
import { paintOfDocument, unpainted } from '../../packages/cli/src/paint.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const coveyUrl = import.meta.resolve('covey')

/** A clock whose timers come by so much too late. */
function lateBy(lateMs: number): Clock {
  let nowMs = 0
  return {
    now: () => nowMs,
    setTimeout(callback, delayMs) {
      nowMs += delayMs + lateMs
      queueMicrotask(callback)
      return undefined
    },
    clearTimeout: () => undefined,
  }
}

/** What one check says. */
const of = (findings: readonly Finding[], check: string): Finding | undefined =>
  findings.find((finding) => finding.check === check)

describe('doctor, of a machine,', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const write = (name: string, text: string, mode = 0o644): string => {
    const path = join(terminal.folder, name)
    writeFileSync(path, text)
    chmodSync(path, mode)
    return path
  }
  const program = (says: string): NodeJS.ProcessEnv => ({
    ...process.env,
    COVEY_NATS_SERVER: write('nats-server', `#!/bin/sh\necho '${says}'\n`, 0o755),
  })
  const machine = (ground: Partial<MachineGround> = {}): Promise<Finding[]> =>
    runChecks(
      machineChecks,
      {
        ...{ folder: terminal.folder, workflows: [], clock: lateBy(1), nodeVersion: '22.18.0' },
        ...{
          environment: ground.environment ?? program('nats-server: v2.9.10'),
          openFiles: async () => '4096',
        },
        ...ground,
      },
      systemClock,
    )

  it('finds nothing where all is well', async () => {
    const findings = await machine({ openFiles: async () => 'unlimited' })
    expect(findings.map(({ check, state }) => [check, state])).to.deep.equal([
      ...[
        ['node', 'ok'],
        ['nats-server', 'ok'],
      ],
      ['open files', 'ok'],
      ['timers', 'ok'],
    ])
  })

  for (const [what, check, state, ground, detail] of [
    ['an old Node', 'node', 'fail', { nodeVersion: '18.20.4' }, /18\.20\.4 is older than 20\.19/],
    ['a Node that is nearly new enough', 'node', 'fail', { nodeVersion: '20.18.3' }, /older/],
    ['few open files', 'open files', 'warn', { openFiles: async () => '512' }, /only 512 open files/],
    ['hardly any open files', 'open files', 'fail', { openFiles: async () => '64' }, /only 64/],
    ['an overloaded machine', 'timers', 'warn', { clock: lateBy(80) }, /80 ms late/],
  ] as const) {
    it(`finds ${what}, and says what to do`, async () => {
      const finding = of(await machine(ground), check)
      expect(finding).to.include({ state }).and.to.have.property('detail').that.matches(detail)
      expect(finding).to.have.property('mend').that.is.a('string')
      expect(finding).to.have.property('where').that.is.a('string')
    })
  }

  it('finds an old nats-server, one that is none, and none at all, and names the program', async () => {
    for (const [says, detail] of [
      ['nats-server: v2.8.4', /2\.8\.4 is older than 2\.9/],
      ['hello', /no nats-server.*hello/],
    ] as const) {
      const environment = program(says)
      const finding = of(await machine({ environment }), 'nats-server')
      expect(finding).to.include({ state: 'fail', where: environment.COVEY_NATS_SERVER })
      expect(finding?.detail).to.match(detail)
    }
    const none = { COVEY_NATS_SERVER: join(terminal.folder, 'nowhere') }
    expect(of(await machine({ environment: none }), 'nats-server'))
      .to.include({ state: 'fail' })
      .and.to.have.property('detail')
      .that.contains('broker_missing')
  })

  for (const [what, text, detail] of [
    ['does not compile', 'export const = 1', /module_failed: .*bad\.mjs does not load: .*Unexpected/],
    ['throws on import', "throw new Error('no licence')", /does not load: no licence/],
    ['exports nothing', 'export const x = 1', /exports no workflow/],
  ] as const) {
    it(`finds a module of workflows that ${what}`, async () => {
      const where = write('bad.mjs', text)
      const finding = of(await machine({ workflows: ['bad.mjs'] }), 'workflows')
      expect(finding).to.include({ state: 'fail', where })
      expect(finding?.detail).to.match(detail)
      expect(finding?.mend).to.be.a('string')
    })
  }

  it('finds a look that hangs, and goes on with the next', async () => {
    const never = () => new Promise<never>(() => undefined)
    const look = () => ({ state: 'ok', detail: 'fine' }) as const
    const checks = [
      { name: 'hangs', look: never },
      { name: 'next', look },
    ]
    const findings = await runChecks(checks, undefined, lateBy(0))
    expect(findings[0]).to.include({
      check: 'hangs',
      state: 'fail',
      detail: 'no answer within 10 s: it hangs',
    })
    expect(findings[1]).to.deep.equal({ check: 'next', ...look() })
  })

  it('names the workflows of a module that loads', async () => {
    write(
      'good.mjs',
      `import { defineWorkflow } from '${coveyUrl}'\nexport const a = defineWorkflow({ name: 'a', version: '7', run() {} })`,
    )
    const finding = of(await machine({ workflows: ['good.mjs'] }), 'workflows')
    expect(finding).to.include({ state: 'ok', detail: 'a 7' })
  })

  it('shows a line for each look, and below them what is not well in full, in colours on a screen only', () => {
    const findings: Finding[] = [
      { check: 'node', state: 'ok', detail: '20.20.2' },
      {
        check: 'log',
        state: 'fail',
        detail: 'a hole\nof two lines',
        where: 'covey-c-log-0',
        mend: 'restore it',
      },
    ]
    expect(findingsText(findings, unpainted, 40).split('\n')).to.deep.equal([
      'CHECK  STATE  FOUND',
      'node   ok     20.20.2',
      'log    fail   a hole (covey-c-log-0)',
      '',
      'fail log: a hole',
      'of two lines',
      '  at covey-c-log-0',
      '  → restore it',
    ])
    const painted = findingsText(
      findings,
      paintOfDocument({ ...terminal, screen: { columns: 80, rows: 24 } }),
    )
    expect(painted).to.contain('\u001b[31mfail\u001b[39m').and.to.contain('\u001b[32mok\u001b[39m')
    expect(findingsText(findings, paintOfDocument(terminal))).to.not.contain('\u001b')
  })
})
