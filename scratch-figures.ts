import { experiments } from './packages/simulator/src/figures/index.js'
const [name = '', nodes = '64', seeds = '6', first = '1'] = process.argv.slice(2)
const experiment = experiments.find((e) => e.name === name)!
for (let seed = Number(first); seed < Number(first) + Number(seeds); seed += 1) {
  const start = process.cpuUsage()
  const sample = await experiment.run({ seed, nodes: Number(nodes), durationMs: 60_000 } as never)
  const { user, system } = process.cpuUsage(start)
  console.log(name, nodes, seed, JSON.stringify(sample), `${Math.round((user + system) / 1000)} ms CPU`)
}
