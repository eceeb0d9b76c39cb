// A whole cluster in one process. It says on stdout what becomes of its nodes and of its one job, at once and in order.
import { writeSync } from 'node:fs'
import { createMemoryBroker, systemAwakeClock, systemRandom } from '@covey/transport'
import { connect, defineWorkflow, startNode } from 'covey'

const [, , timings] = process.argv
const say = (what) => void writeSync(1, `${what}\n`)
const cluster = 'default'
const broker = createMemoryBroker({ clock: systemAwakeClock, random: systemRandom, cluster })

const work = defineWorkflow({
  name: 'work',
  version: '1',
  run: ({ signal, attempt }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        say('is aborted')
        reject(signal.reason)
      })
      // It goes on when what was late is dealt with. Where it is tried again it has nothing more to show.
      if (attempt > 1) resolve('done again')
      else process.once('SIGCONT', () => setTimeout(() => resolve('done'), 500))
      say('runs')
    }),
})

const nodes = await Promise.all(
  ['m1', 'm2', 'w1', 'w2'].map((name) =>
    startNode({
      ...{ name, cluster, links: broker.open(name), workflows: [work], slots: 1, logger: 'silent' },
      ...{ roles: [name.startsWith('m') ? 'manager' : 'worker'], timings: JSON.parse(timings) },
    }),
  ),
)
await Promise.all(nodes.map(({ ready }) => ready))
for (const node of nodes) {
  node.transitions().subscribe(({ actor, from, to }) => {
    if (from !== '' && /fenced|departed|reentering/.test(to)) say(`${node.name}: ${actor} ${to}`)
  })
}
const client = await connect({ links: broker.open('client'), cluster })
const job = await client.submit(work, undefined, { id: 'job' })
say(`result ${await job.result()}`)
process.exit()
