import { jobMachine } from '@covey/machines'
import { CoveyError, type Transition } from '@covey/protocol'
import { expect } from 'chai'
import { graphText } from '../../packages/cli/src/commands/graph.js'
import { jobText } from '../../packages/cli/src/commands/job.js'
import { transitionText } from '../../packages/cli/src/commands/transitions.js'
import { reportFailure } from '../../packages/cli/src/failure.js'
import { paintOfDocument, paintOfState } from '../../packages/cli/src/paint.js'
import { runCli } from '../../packages/cli/src/run-cli.js'
import { renderTable } from '../../packages/cli/src/table.js'
import type { Terminal } from '../../packages/cli/src/terminal.js'
import { recordTerminal } from './recorded-terminal.js'

const colour = '\u001b['
const screen = { columns: 80, rows: 24 }

/** What a call writes to stdout where that is as told. */
async function printed(terminal: Partial<Terminal>, ...args: string[]): Promise<string> {
  const recorded = recordTerminal()
  try {
    await runCli(args, { ...recorded, ...terminal })
    return recorded.printed.join('\n')
  } finally {
    recorded.remove()
  }
}

describe('colours', () => {
  it('are on a screen only, for the document as for what is said', async () => {
    expect(await printed({ screen }, 'chart', jobMachine.id)).to.contain(colour)
    expect(await printed({}, 'chart', jobMachine.id)).to.not.contain(colour)
    const terminal = recordTerminal()
    const error = new CoveyError('not_found', 'no such job')
    reportFailure({ ...terminal, interactive: true }, error, false)
    reportFailure(terminal, error, false)
    terminal.remove()
    expect(terminal.said[0]).to.contain(colour)
    expect(terminal.said[1]).to.equal('error not_found: no such job')
  })

  for (const environment of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    it(`are nowhere with ${JSON.stringify(environment)}`, async () => {
      expect(await printed({ screen, environment }, 'chart', jobMachine.id)).to.not.contain(colour)
    })
  }

  it('are there where NO_COLOR is set to nothing, as its agreement says', async () => {
    expect(await printed({ screen, environment: { NO_COLOR: '' } }, 'chart', jobMachine.id)).to.contain(
      colour,
    )
  })

  it('tell states apart, in every place where there is one', () => {
    const recorded = recordTerminal()
    recorded.remove()
    const paint = paintOfDocument({ ...recorded, screen })
    const ends = { attempt: 1, token: null, node: null, error: null, after: [] }
    const workflows = [{ id: 'j/a', name: 'x', state: 'failed', ...ends }]
    const job = { id: 'j', state: 'running', ended: 1, total: 1, workflows }
    for (const text of [jobText(job, paint), graphText(job, paint)]) {
      expect(text)
        .to.contain(`${colour}33mrunning${colour}39m`)
        .and.to.contain(`${colour}31mfailed${colour}39m`)
    }
    const moved = {
      kind: 'job',
      actor: 'j',
      from: 'running',
      event: 'job.done',
      to: 'completed',
      elapsedMs: 1,
    }
    const transition = {
      node: 'm',
      generation: 1,
      ...moved,
      at: { shard: 0, sequence: 1, index: 0 },
    } as Transition
    expect(transitionText(transition, 0, paint)).to.contain(`→ ${colour}32mcompleted${colour}39m`)
    expect(transitionText(transition, 0)).to.not.contain(colour)
    expect(paintOfState(paint, 'queued')).to.equal('queued')
  })

  it('take no place in a table', () => {
    const rows = ['completed', `${colour}32mup${colour}39m`].map((state) => [state, 'n'])
    expect(renderTable(['STATE', 'NODE'], rows).split('\n')).to.deep.equal([
      ...['STATE      NODE', 'completed  n', `${colour}32mup${colour}39m         n`],
    ])
  })

  it('are in no document of --json and in no drawing', async () => {
    for (const format of ['--json', '--svg']) {
      expect(await printed({ screen }, 'chart', jobMachine.id, format)).to.not.contain(colour)
    }
  })
})
