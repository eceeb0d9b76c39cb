#!/usr/bin/env node
// What `npm run figures` is: measures membership in the simulator, as it was built, and writes the tables of
// docs/membership.md. All of it takes hours.
//   NAME …          only these experiments, or `traffic`; what else the tables hold stays, each row with its commit.
//   --seeds N       as many seeds; default: as many as each experiment says.
//   --add           adds seeds to those of as many nodes that are kept, and keeps each when it has run: what takes days
//                   is measured in parts, the commits of the first and of the last in its row.
//   --nodes N       as many nodes, and at most so many for `traffic`; such figures are printed and not written,
//                   unless with --write: the table says with how many nodes they were measured.
//   --processes N   side by side; default: one a core.
//   --quick         three seeds, at most 64 nodes, a minute of each long run; printed and not written.
import { execFileSync, fork } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { experiments, figuresSection, samplesOf, seedsLeft, withSamples } from '@covey/simulator'

const at = (path) => fileURLToPath(new URL(path, import.meta.url))
const page = at('../docs/membership.md')
const records = at('../docs/membership-figures.json')
const trafficNodes = [16, 32, 64, 128, 256, 512, 1_000]
const quick = { seeds: 3, nodes: 64, durationMs: 60_000 }
const heapMegabytes = 16_000
// What a cluster of a thousand is made of lives as long as the run: it is copied once, and looked through for garbage late.
const longLived = ['--min-semi-space-size=64', '--max-semi-space-size=128', '--initial-heap-size=3000']

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    nodes: { type: 'string' },
    processes: { type: 'string' },
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    add: { type: 'boolean', default: false },
  },
})
const known = [...experiments.map(({ name }) => name), 'traffic']
const unknown = positionals.find((name) => !known.includes(name))
if (unknown !== undefined) {
  console.error(`There is no experiment ${unknown}; there are ${known.join(', ')}`)
  process.exit(2)
}
const isWanted = (name) => positionals.length === 0 || positionals.includes(name)
const isWritten = !values.quick && (values.nodes === undefined || values.write)
const nodesOf = (nodes) => Number(values.nodes ?? (values.quick ? Math.min(nodes, quick.nodes) : nodes))
const seedsOf = (seeds) => Number(values.seeds ?? (values.quick ? quick.seeds : seeds))
const lasting = values.quick ? { durationMs: quick.durationMs } : {}

const git = (...args) => execFileSync('git', args, { cwd: at('..'), encoding: 'utf8' }).trim()
const isClean = git('status', '--porcelain', '--', 'actors', 'machines', 'packages') === ''
const commit = `${git('rev-parse', '--short', 'HEAD')}${isClean ? '' : ' and changes'}`

/** Processes that run what is asked of them; each takes the next when it has done one. */
class Crew {
  #idle = []
  #queue = []

  constructor(size) {
    for (let count = 0; count < size; count += 1) this.#idle.push(this.#hire())
  }

  run(task) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject })
      this.#hand()
    })
  }

  close() {
    for (const worker of this.#idle) worker.disconnect()
  }

  #hire() {
    const execArgv = [`--max-old-space-size=${heapMegabytes}`, ...longLived]
    // Structured clones know infinity.
    return fork(at('membership-worker.mjs'), { cwd: at('..'), execArgv, serialization: 'advanced' })
  }

  #hand() {
    const worker = this.#queue.length > 0 ? this.#idle.pop() : undefined
    if (worker === undefined) return
    const { task, resolve, reject } = this.#queue.shift()
    const lost = (code) => reject(new Error(`a process ended with ${code} in ${JSON.stringify(task)}`))
    worker.once('exit', lost)
    worker.once('message', ({ answer, error }) => {
      worker.off('exit', lost)
      this.#idle.push(worker)
      if (error === undefined) resolve(answer)
      else reject(new Error(`${JSON.stringify(task)}: ${error}`))
      this.#hand()
    })
    worker.send(task)
  }
}

const readRecords = () => JSON.parse(readFileSync(records, 'utf8'))
const crew = new Crew(Number(values.processes ?? availableParallelism()))
let measured = isWritten ? readRecords() : { experiments: {}, traffic: [] }

/** After each experiment, so that an interruption loses one and not all; another call may have written meanwhile. */
const keep = (change) => {
  if (isWritten) measured = readRecords()
  change(measured)
  if (!isWritten) return
  const section = figuresSection(experiments, measured)
  writeFileSync(records, `${JSON.stringify(measured, null, 2)}\n`)
  const text = readFileSync(page, 'utf8')
  const [start, end] = ['<!-- figures', '<!-- end of figures -->'].map((mark) => text.indexOf(mark))
  if (start < 0 || end < start) throw new Error('docs/membership.md has lost the marks of its figures')
  const head = text.slice(0, text.indexOf('\n', start) + 1)
  writeFileSync(page, `${head}\n${section}\n\n${text.slice(end)}`)
}

for (const experiment of experiments.filter((one) => isWanted(one.name))) {
  const { name } = experiment
  const code = { nodes: nodesOf(experiment.nodes), commit }
  const take = (added, isAdded) =>
    keep((kept) => {
      const before = isAdded ? kept.experiments[name] : undefined
      kept.experiments[name] = withSamples(experiment, before, added, code)
    })
  const done = values.add ? samplesOf(measured.experiments[name], code) : []
  const seeds = seedsLeft(done, seedsOf(experiment.seeds))
  let ended = 0
  const samples = await Promise.all(
    seeds.map(async (seed) => {
      const sample = await crew.run({ name, seed, nodes: code.nodes, ...lasting })
      ended += 1
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${ended} of ${seeds.length} seeds`)
      if (values.add) take([{ seed, sample }], true)
      return { seed, sample }
    }),
  )
  if (!values.add) take(samples, false)
  const { figures } = measured.experiments[name]
  console.error(
    `${process.stderr.isTTY ? '\r\x1b[K' : ''}${name} with ${code.nodes} nodes: ${JSON.stringify(figures)}`,
  )
}
if (isWanted('traffic')) {
  for (const nodes of trafficNodes.filter((count) => count <= nodesOf(1_000))) {
    const traffic = await crew.run({ name: 'traffic', seed: 1, nodes })
    console.error(`traffic of ${nodes} nodes: ${JSON.stringify(traffic)}`)
    keep((kept) => {
      kept.traffic = [...kept.traffic.filter((one) => one.nodes !== nodes), { nodes, commit, traffic }]
    })
  }
}
crew.close()
console.log(figuresSection(experiments, measured))
