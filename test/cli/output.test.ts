import type { Clock } from '@covey/transport'
import { expect } from 'chai'
import type { NodeView, WorkflowView } from 'covey'
import { ageText } from '../../packages/cli/src/age-text.js'
import { jobText } from '../../packages/cli/src/commands/job.js'
import { statusText } from '../../packages/cli/src/commands/status.js'
import { transitionText } from '../../packages/cli/src/commands/transitions.js'
import { showProgress } from '../../packages/cli/src/progress-bar.js'
import { renderTable } from '../../packages/cli/src/table.js'
import { recordTerminal } from './recorded-terminal.js'

describe('a table', () => {
  it('puts texts on the left, numbers on the right, and no blanks at the ends of lines', () => {
    const text = renderTable(
      ['NAME', 'FILES', 'NODE'],
      [
        ['a', 1_234_567, null],
        ['long-name', 8, 'w'],
      ],
    )
    expect(text.split('\n')).to.deep.equal([
      'NAME           FILES  NODE',
      'a          1,234,567  -',
      'long-name          8  w',
    ])
  })

  it('takes more rows than a call takes arguments, and lays each out in one line', () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => [`job/step-${index}`, 'two\n  lines'])
    const lines = renderTable(['WORKFLOW', 'ERROR'], rows).split('\n')
    expect(lines).to.have.length(rows.length + 1)
    expect(lines[1]).to.equal('job/step-0       two lines')
    expect(lines.at(-1)).to.equal('job/step-149999  two lines')
  })

  it('fits a screen by its last column, which is left wide enough to tell something', () => {
    const rows = [
      ['j/one', 'failed', 'workflow_failed: no such day'],
      ['j/two', 'failed', 'short'],
    ]
    const render = (columns?: number) =>
      renderTable(['WORKFLOW', 'STATE', 'ERROR'], rows, columns).split('\n')
    expect(render(46)).to.deep.equal(render())
    expect(render(45)[1]).to.equal('j/one     failed  workflow_failed: no such d…')
    expect(render(45)[2]).to.equal(render()[2])
    expect(render(20)[1]).to.equal('j/one     failed  workflow_fa…')
  })

  it('of nothing has its titles', () => {
    expect(renderTable(['NODE', 'STATE'], [])).to.equal('NODE  STATE')
  })
})

const nowMs = Date.UTC(2026, 0, 31, 12)
const ago = (ms: number): string => new Date(nowMs - ms).toISOString()

describe('a status', () => {
  const nodeIn = (id: string, state: string): NodeView => ({
    ...{ id, generation: 1, state, roles: ['worker'], slots: { total: 2, used: 1 } },
    ...{ host: 'h', pid: 7, since: ago(90_000) },
  })
  const status = {
    cluster: 'c',
    broker: { url: 'nats://h:1', version: '2.9.10', jetStream: true, durable: true },
    nodes: [nodeIn('w10', 'suspect'), nodeIn('w9', 'active'), nodeIn('gone', 'departed')],
    shards: [{ shard: 0, leader: null, epoch: 1, sequence: 2, backlog: 0 }],
    jobs: { running: 1, completed: 2, failed: 0, cancelled: 0 },
  }
  const rows = (all: boolean): string[] =>
    statusText(status, all, nowMs)
      .split('\n')
      .filter((line) => line.includes(' worker '))

  it('shows the nodes that are there, in the order of their numbers, and how old they are', () => {
    expect(rows(false)).to.deep.equal([
      'w9    1           active   worker  1/2    h     7    1 min',
      'w10   1           suspect  worker  1/2    h     7    1 min',
    ])
  })

  it('K28 shows which node is busy', () => {
    const nodes = [{ ...nodeIn('w1', 'active'), busy: true as const }]
    expect(statusText({ ...status, nodes }, false, nowMs)).to.match(/^w1 +1 +active, busy +worker /m)
  })

  it('H18 shows which node gets no work for now, or a little', () => {
    const shown = (breaker: 'open' | 'halfOpen'): string =>
      statusText({ ...status, nodes: [{ ...nodeIn('w1', 'active'), breaker }] }, false, nowMs)
    expect(shown('open')).to.match(/^w1 +1 +active, breaker open +worker /m)
    expect(shown('halfOpen')).to.match(/^w1 +1 +active, breaker half open +worker /m)
  })

  it('S-D2 shows how many commands came too often', () => {
    const shard = { shard: 0, leader: 'm1', epoch: 1, sequence: 9, backlog: 0, level: 'calm' }
    const last = (more: object): string | undefined =>
      statusText({ ...status, shards: [{ ...shard, ...more }] }, false, nowMs)
        .split('\n')
        .find((line) => line.startsWith('0 '))
    expect(last({})).to.match(/ calm$/)
    expect(last({ limited: 12 })).to.match(/ calm 12 over their rate$/)
  })

  it('shows nodes that have departed where all are wanted, without an age', () => {
    expect(rows(true)[0]).to.match(/^gone +1 +departed .* -$/)
  })
})

describe('a job', () => {
  const workflow = (step: string, token: string | null): WorkflowView => ({
    ...{ id: `j/${step}`, name: 'x', state: token === null ? 'waiting' : 'running', attempt: 1 },
    ...{ token, node: null, error: null },
  })

  it('has its workflows in the order of their starts, then those that wait, by the numbers in their names', () => {
    const workflows = [
      ...[workflow('a', '1.1.10.0'), workflow('b', '1.1.9.11'), workflow('s10', null), workflow('s9', null)],
      ...[workflow('z', '1.1.9.2'), workflow('y', '2.1.1.0')],
    ]
    const text = jobText({ id: 'j', state: 'running', ended: 0, total: 6, workflows })
    expect(text.match(/^j\/\w+/gm)).to.deep.equal(['j/z', 'j/b', 'j/a', 'j/y', 'j/s9', 'j/s10'])
  })
})

describe('a workflow of a job', () => {
  for (const [state, isHeld] of [
    ['queued', false],
    ['backingOff', false],
    ['running', true],
    ['cancelling', true],
    ['fencing', true],
    ['failed', true],
  ] as const) {
    it(`that is ${state} is shown ${isHeld ? 'with' : 'without'} the worker and the token of its last attempt`, () => {
      const [id, name] = ['j/a', 'x']
      const workflow = { id, name, state, attempt: 1, token: '1.1.9.0', node: 'worker-1', error: null }
      const text = jobText({ id: 'j', state: 'running', ended: 0, total: 1, workflows: [workflow] })
      expect([text.includes('worker-1'), text.includes('1.1.9.0')]).to.deep.equal([isHeld, isHeld])
    })
  }
})

describe('an age', () => {
  for (const [ms, text] of [
    [-5_000, '0 s'],
    [59_999, '59 s'],
    [3_599_000, '59 min'],
    [86_399_000, '23 h'],
    [200_000_000, '2 d'],
  ] as const) {
    it(`of ${ms} ms is ${text}`, () => {
      expect(ageText(ago(ms), nowMs)).to.equal(text)
    })
  }

  it('of what is no time is not guessed', () => {
    expect(ageText('yesterday', nowMs)).to.equal('-')
  })
})

describe('a transition', () => {
  const told = {
    ...{
      node: 'm1',
      generation: 2,
      kind: 'workflow',
      actor: 'j/main',
      from: 'queued',
      event: 'workflow.assigned',
    },
    ...{ to: 'assigned', at: { shard: 0, sequence: 4, index: 1 }, elapsedMs: 3 },
  }

  it('begins with the time of day at which it was told', () => {
    expect(transitionText(told, nowMs + 42)).to.match(
      /^\d\d:\d\d:00\.042 {2}0:4\.1 {2}m1@2 {2}j\/main {2}queued → assigned {2}on workflow\.assigned$/,
    )
  })
})

describe('progress', () => {
  it('is a line at the start, one every two seconds, and one at the end where nobody watches', () => {
    const terminal = recordTerminal()
    let nowMs = 0
    const clock: Clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => undefined }
    const progress = showProgress(terminal, 'job', clock)
    for (const [atMs, done] of [
      [0, 0],
      [500, 3],
      [1_999, 4],
      [2_000, 5],
      [2_100, 10],
      [2_200, 10],
    ] as const) {
      nowMs = atMs
      progress.update(done, 10)
    }
    progress.stop()
    expect(terminal.said).to.deep.equal(['job 0 of 10 (0 %)', 'job 5 of 10 (50 %)', 'job 10 of 10 (100 %)'])
    terminal.remove()
  })
})
