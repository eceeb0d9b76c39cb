import { readdirSync, readFileSync } from 'node:fs'
import { keepCoresAwake } from '@covey/bench'
import { expect } from 'chai'

/** The processes whose parent is this one and that the scheduler runs only when nobody else wants to. */
function idleChildren(): string[] {
  const idlePolicy = '5'
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return fields[1] === String(process.pid) && fields[38] === idlePolicy
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      // A process that ends while it is looked at.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
      throw error
    }
  })
}

const hasScheduler = process.platform === 'linux'

describe('Cores that are kept awake', () => {
  ;(hasScheduler ? it : it.skip)(
    'have a process each that gives way to all, until they may sleep',
    async () => {
      const letSleep = await keepCoresAwake(2)
      const deadlineAtMs = Date.now() + 5_000
      try {
        // The class is set between the start of chrt and that of what it runs.
        while (idleChildren().length < 2 && Date.now() < deadlineAtMs) await new Promise(setImmediate)
        expect(idleChildren()).to.have.length(2)
      } finally {
        await letSleep()
      }
      expect(idleChildren()).to.deep.equal([])
    },
  )
})
