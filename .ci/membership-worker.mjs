// One process of write-membership.mjs: runs what it is sent, one after the other, until its parent is gone.
import { experiments, steadyTraffic } from '@covey/simulator'

process.on('message', async ({ name, ...run }) => {
  try {
    const experiment = experiments.find((one) => one.name === name)
    const answer = experiment ? await experiment.run(run) : await steadyTraffic(run)
    process.send({ answer })
  } catch (error) {
    process.send({ error: error.stack ?? String(error) })
  }
})
process.on('disconnect', () => process.exit())
