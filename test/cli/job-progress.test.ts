import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { createHost } from '../../packages/cli/src/command-host.js'
import { awaitJob } from '../../packages/cli/src/commands/run.js'
import { followJob } from '../../packages/cli/src/job-progress.js'
import { ClientWorld, rejection } from '../covey/client-world.js'
import { accepting, type Script } from '../covey/scripted-leader.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

/** Tells whoever awaits the end of a job that it has ended in a state, and whoever only looks what another script says. */
const ended =
  (state: string, toLooks: Script): Script =>
  (command) => {
    if (command.type !== 'job.get' || command.notify === undefined) return toLooks(command)
    return { type: 'job', number: command.number, id: command.job, state, total: 1, ended: 1, workflows: [] }
  }
/** Refuses for good what a look asks, as a leader does that is busy, and one that keeps the job no more. */
const refusing =
  (code: 'overloaded' | 'expired' | 'permission_denied'): Script =>
  (command) =>
    command.type === 'job.get'
      ? { type: 'error', number: command.number, error: { code, message: `refused: ${code}` } }
      : accepting(command)
const silent: Script = (command) => (command.type === 'job.get' ? undefined : accepting(command))

describe('A job that is waited for', () => {
  let world: ClientWorld
  let terminal: RecordedTerminal
  beforeEach(() => {
    world = new ClientWorld()
    terminal = recordTerminal()
  })
  afterEach(async () => {
    terminal.remove()
    await world.close()
  })

  const submit = async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submitJob({ id: 'j', workflows: { a: { name: 'x' } } }))
    return { leader, client, job }
  }

  it('is waited for through an outage that outlasts the deadline of a look, which is told once', async () => {
    const { leader, client, job } = await submit()
    const followed = followJob(terminal, client, job, { clock: world.clock })
    await world.pass(1_000)
    leader.isSilent = true
    await world.pass(70_000)
    leader.isSilent = false
    leader.script = ended('completed', ended('completed', accepting))
    expect(await world.during(followed)).to.equal('completed')
    expect(terminal.said.filter((line) => line.includes('cannot be said'))).to.deep.equal([
      'how far job j is cannot be said for now: no manager that leads shard 0 answered within the deadline',
    ])
  })

  it('has ended when it says so, though nobody says how far it is', async () => {
    const { leader, client, job } = await submit()
    leader.script = ended('failed', silent)
    const fromMs = world.clock.now()
    expect(await world.during(followJob(terminal, client, job, { clock: world.clock }))).to.equal('failed')
    expect(world.clock.now() - fromMs).to.be.below(3_000)
  })

  it('is given up at its deadline, and at once for what no waiting mends', async () => {
    const { leader, client, job } = await submit()
    leader.script = silent
    const late = followJob(terminal, client, job, { clock: world.clock, deadlineMs: 5_000 })
    expect(await world.during(rejection(late))).to.have.property('code', 'deadline')
    leader.script = refusing('permission_denied')
    const refused = followJob(terminal, client, job, { clock: world.clock })
    expect(await world.during(rejection(refused))).to.have.property('code', 'permission_denied')
  })

  for (const code of ['overloaded', 'expired'] as const) {
    for (const [state, exitCode] of [
      ['completed', 0],
      ['failed', 1],
    ] as const) {
      it(`ends with ${exitCode} where it has ${state}, though its workflows cannot be shown (${code})`, async () => {
        const { leader, client, job } = await submit()
        leader.script = ended(state, refusing(code))
        const host = createHost(terminal)
        await world.during(awaitJob(host, client, job, { clock: world.clock, json: true }))
        expect(host.exitCode).to.equal(exitCode)
        expect(JSON.parse(terminal.printed.join(''))).to.deep.equal({
          ...{ id: 'j', state, workflows: [] },
          unread: { code, message: `refused: ${code}` },
        })
        expect(terminal.said.at(-1)).to.equal(`its workflows cannot be shown: refused: ${code}`)
      })
    }
  }

  it('is asked how far it is without its workflows, and tells each look of it', async () => {
    const { leader, client, job } = await submit()
    leader.script = ended('completed', accepting)
    const seen: string[] = []
    const onProgress = (done: number, total: number) => void seen.push(`${done}/${total}`)
    await world.during(followJob(terminal, client, job, { clock: world.clock, onProgress }))
    expect(seen).to.include('0/1')
    const asked = leader.commands.filter(({ type }) => type === 'job.get')
    for (const command of asked) expect(command).to.include({ after: limits.workflowsPerJobMax })
  })
})
