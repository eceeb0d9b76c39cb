import { see, stillMemoryBroker } from './memory-world.js'
import { type PulseWorld, pulseContract } from './pulse.contract.js'

pulseContract('memory', async (): Promise<PulseWorld> => {
  const { broker, pass } = stillMemoryBroker()
  const links = broker.open('n')
  const asker = broker.open('asker')
  return {
    cluster: 'test',
    links,
    flush: () => pass(10),
    async askWhileBlocked({ subject, question, afterMs, waitMs }) {
      broker.stall('n')
      await pass(afterMs)
      const answer = see(asker.control.request(subject, question, waitMs))
      await pass(200)
      broker.thaw('n')
      await pass(10)
      return answer.outcome?.kind === 'reply' ? answer.outcome.data : undefined
    },
    async close() {
      const closed = Promise.all([links.close(), asker.close()])
      await pass(10)
      await closed
    },
  }
})
