import { type CodePlace, type Environment, type HostedWorkflow, HostPool } from '@covey/actors'
import type { HeapClock } from '@covey/engine'
import type { Random } from '@covey/transport'
import { guardLoop, observePulse } from '../loop-guard.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { Execution } from './executions.js'
import { type HostedWorksOptions, hostedWorks } from './hosted-works.js'
import { SimulatedHost } from './simulated-host.js'
import { isolationOf } from './works.js'

/** What the code of a simulated worker is made with. */
interface WorkerCodeOptions extends Pick<HostedWorksOptions, 'executions' | 'reports' | 'now' | 'followed'> {
  readonly env: Environment
  readonly heap: HeapClock
  readonly random: Random
  readonly slots: number
  readonly process: () => SimulatedNode
  /** Whether some of the work runs in threads and processes. */
  readonly isolates: boolean
}

/** What a worker runs, and what stands beside its loop. */
export interface WorkerCode {
  readonly workflows: readonly HostedWorkflow[]
  /** A generation of it begins. */
  open(): void
}

type Run = Pick<Execution, 'process' | 'generation'>

/** The functions of one worker process, each where it has to run. */
export function workerCode(options: WorkerCodeOptions): WorkerCode {
  const { process, isolates } = options
  const own = (): Run => ({ process: process(), generation: process().generation })
  const inline = hostedWorks({ ...options, worker: own, place: process })
  if (!isolates) {
    return { workflows: inline.filter(({ name }) => isolationOf(name) === undefined), open: () => undefined }
  }
  const isolated = isolatedIn(options, own)
  const pulse = observePulse(options.env.links.pulse)
  let isGuarded = false
  return {
    workflows: inline.map((workflow) => isolated(workflow)),
    open: () => {
      if (!isGuarded) guardLoop(process(), pulse)
      isGuarded = true
    },
  }
}

/** Lets a workflow run in threads or processes of its worker where it says so. */
function isolatedIn(
  options: WorkerCodeOptions,
  own: () => Run,
): (workflow: HostedWorkflow) => HostedWorkflow {
  const { env, heap, random, slots, process, executions, reports, now, followed } = options
  /** Whom each attempt was given to, by its token: its code begins later. */
  const runs = new Map<string, Run>()
  const worker = (token: string): Run => runs.get(token) ?? own()
  const pool = new HostPool({
    ...{ hostsMax: slots, clock: env.clock, notice: env.notice },
    open: (place, listener) =>
      new SimulatedHost({
        ...{ place, listener, node: process(), heap, random, wallNow: now },
        works: (host) =>
          hostedWorks({
            ...{ worker, executions, reports, now, followed },
            place: () => host,
            exit: host.exit,
          }),
      }),
  })
  return (workflow) => {
    const isolation = isolationOf(workflow.name)
    if (isolation === undefined) return workflow
    const place: CodePlace = { isolation, module: 'virtual', memoryMb: undefined }
    const run: NonNullable<HostedWorkflow['host']>['run'] = (attempt) => {
      runs.set(attempt.dispatch.token, own())
      return pool.run(place, attempt)
    }
    return { ...workflow, host: { run } }
  }
}
