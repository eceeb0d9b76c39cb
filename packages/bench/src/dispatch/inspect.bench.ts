import type { BrokerContext } from '../bench-context.js'
import { compare } from '../measure/compare.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { addOneOn, contender, Exact, startOurs, verify } from './our-cluster.js'
import { openTapScales } from './tap-scales.js'

const inFlight = 256
/**
 * A tenth is less than a virtual machine changes within a minute: more rounds than elsewhere. Not longer ones, since a
 * manager keeps what has ended and gets slower by it.
 */
const rounds = 9

/** A cluster that is inspected, beside one that is not. */
export const benchInspect = (context: BrokerContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const { server, say } = context
    say(`inspect: ${inFlight} in flight`)
    const inspected = await startOurs(context, 'inspected', undo)
    const scales = await openTapScales(server, inspected, undo)
    const alone = await startOurs(context, 'alone', undo)
    const [its, other] = [new Exact(addOneOn(inspected)), new Exact(addOneOn(alone))]
    const ours = contender('inspected', its, inFlight, context)
    const baselines = [contender('nobody looks', other, inFlight, context)]
    const rows = await compare(
      { label: 'submit and result, inspected', inFlight, ours, baselines },
      { seconds: context.seconds, rounds },
    )
    await verify(inspected, its.submitted)
    await verify(alone, other.submitted)
    const { bytes, transitions } = scales.weigh()
    if (transitions === 0) throw new Error('no node has told of a transition')
    say(`inspect: ${(bytes / transitions).toFixed(2)} bytes for each of ${transitions} transitions`)
    return rows
  })
