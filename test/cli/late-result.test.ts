import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import type { Client } from 'covey'
import { explainLateResult } from '../../packages/cli/src/late-result.js'

const late = new CoveyError('deadline', 'late', { address: 'j/main' })

/** A client of a job whose only workflow is in a state. */
const knowing = (state: 'running' | 'cancelling'): Pick<Client, 'job'> => ({
  job: async (id) => {
    const workflow = { id: `${id}/main`, name: 'x', state, attempt: 1, token: null, node: null, error: null }
    return { id, state: 'running', total: 1, ended: 0, workflows: [workflow] }
  },
})

describe('A result that is not there in time', () => {
  for (const address of ['j', 'j/main']) {
    it(`is told as being cancelled where it is, asked for as ${address}`, async () => {
      const error = new CoveyError('deadline', 'late', { address })
      const told = await explainLateResult(knowing('cancelling'), error)
      expect(told).to.have.property('code', 'deadline')
      expect(told).to.have.property('message').that.includes(`${address} is being cancelled`)
    })
  }

  it('is told as it was where the work goes on', async () => {
    expect(await explainLateResult(knowing('running'), late)).to.equal(late)
  })

  it('is told as it was where nobody can say more', async () => {
    const job = () => Promise.reject(new CoveyError('no_leader', 'nobody leads'))
    expect(await explainLateResult({ job }, late)).to.equal(late)
  })

  it('is asked about for no other error', async () => {
    const other = new CoveyError('workflow_failed', 'failed', { address: 'j/main' })
    expect(await explainLateResult(knowing('cancelling'), other)).to.equal(other)
  })
})
