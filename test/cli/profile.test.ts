import { expect } from 'chai'
import { planNodes } from '../../packages/cli/src/launch/plan-nodes.js'
import { wantedProfile } from '../../packages/cli/src/wanted-profile.js'
import { callCovey } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('the profile of the command', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const wanted = (environment: Record<string, string>, option?: 'local' | 'wan') =>
    wantedProfile({ ...terminal, environment }, option)

  it('is the option, else what the variable says, else that of nodes', () => {
    expect(wanted({})).to.equal(undefined)
    expect(wanted({ COVEY_PROFILE: '' })).to.equal(undefined)
    expect(wanted({ COVEY_PROFILE: 'wan' })).to.equal('wan')
    expect(wanted({ COVEY_PROFILE: 'wan' }, 'local')).to.equal('local')
    expect(() => wanted({ COVEY_PROFILE: 'Wan' }))
      .to.throw('COVEY_PROFILE: there is no profile "Wan"')
      .that.includes({ code: 'invalid_options', mend: 'known are local, lan, wan' })
  })

  it('is that of every node that is launched', () => {
    const options = { managers: 1, workers: 1, slots: 1, workflows: [], folder: '.' } as const
    const place = { url: 'u', cluster: 'c', logFolder: 'l' }
    expect(planNodes({ ...options, profile: 'wan' }, place).map(({ profile }) => profile)).to.deep.equal([
      'wan',
      'wan',
    ])
    expect(planNodes(options, place)[0]).not.to.have.property('profile')
  })

  it('is refused before anything starts where there is none of that name', async () => {
    const { code, stderr } = await callCovey(terminal.folder, 'up', '--profile', 'fast')
    expect(code).to.equal(2)
    expect(stderr).to.include('local, lan, wan')
  })
})
