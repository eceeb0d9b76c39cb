import {
  type DefineInvariant,
  drawFaults,
  drawTrace,
  faultKinds,
  invariants,
  nodeNames,
  simulate,
  simulationOf,
} from '@covey/simulator'
import { expect } from 'chai'

const nodes = nodeNames(4)
const durationMs = 40_000
const drawn = (seed: number) => ({
  seed,
  nodes,
  durationMs,
  faults: drawFaults({ seed, nodes, durationMs, kinds: faultKinds }),
})

describe('A simulation', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  it('ends in the same digest, after as many steps, whenever it is run', async () => {
    const first = await simulate(drawn(11))
    expect(await simulate(drawn(11))).to.deep.equal(first)
    expect((await simulate(drawn(12))).digest).not.to.equal(first.digest)
  })

  // Short and dense, and in small clusters: what goes wrong mostly does so within seconds of three faults that meet.
  const [groups, seedsOfGroup, minutes, pauseMs] = [15, 10, 0.1, 900]
  for (let group = 0; group < groups; group += 1) {
    const seeds = Array.from({ length: seedsOfGroup }, (_, index) => group * seedsOfGroup + index + 1)
    it(`holds every invariant under every fault, and then agrees (seeds ${seeds[0]} to ${seeds.at(-1)})`, async () => {
      for (const seed of seeds) {
        const size = seed % 10 === 0 ? 6 : 3 + (seed % 2)
        const trace = drawTrace({ seed, nodes: size, minutes, pauseMs, kinds: faultKinds })
        const { violation } = await simulate(simulationOf(trace))
        const replay = `covey sim --seed ${seed} --nodes ${size} --minutes ${minutes} --pause ${pauseMs / 1_000}`
        expect(violation, replay).to.equal(undefined)
      }
    })
  }

  it('stops at the first violation, and says when it was', async () => {
    const nobodyIsLate: DefineInvariant = ({ world }) => ({
      name: 'nobody-is-late',
      look: () => (world.heap.now() > 1_000 ? ['it is late'] : []),
    })
    const { violation, virtualMs } = await simulate(drawn(1), [...invariants, nobodyIsLate])
    expect(violation).to.deep.include({ invariant: 'nobody-is-late', what: 'it is late' })
    expect(violation?.atMs).to.equal(virtualMs).and.to.be.within(1_000, 2_000)
  })

  it('shows the invariants every process that has changed', async () => {
    const nothingEscapes: DefineInvariant = ({ world, changed }) => {
      const seen = new Map<string, string>()
      return {
        name: 'nothing-escapes',
        look: () => {
          const told = new Set(changed())
          return world.nodes.flatMap((node) => {
            const { address, membership, generation, news, notices, isUp, leaveCalledAtMs } = node
            const now = [membership.state(), generation, news.length, notices.length, isUp, leaveCalledAtMs]
            const before = seen.get(address)
            seen.set(address, now.join())
            return before === undefined || before === now.join() || told.has(node)
              ? []
              : [`${address}: ${now}`]
          })
        },
      }
    }
    let formedAtMs = 0
    const { violation } = await simulate(drawn(2), [nothingEscapes], (atMs) => (formedAtMs = atMs))
    expect(violation).to.equal(undefined)
    expect(formedAtMs).to.be.within(1, 60_000)
  })

  it('says who disagrees where the faults outlast its patience', async () => {
    // Nobody is told of an end that is not there: a process that is frozen for good is never thawed by a fault.
    const forever: DefineInvariant = ({ world }) => ({
      name: 'freeze-for-good',
      look: () => {
        if (world.heap.now() > durationMs - 5_000) world.nodes[0]?.freeze()
        return []
      },
    })
    const { violation } = await simulate({ ...drawn(1), faults: [] }, [forever])
    expect(violation?.invariant).to.equal('convergence')
    expect(violation?.what).to.include('n1')
  })
})
