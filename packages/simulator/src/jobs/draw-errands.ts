import { liveStates } from '@covey/protocol'
import { Chance } from '../chance.js'
import type { Errand, ErrandStep } from './errand.js'
import { largeBytesMin } from './large-bodies.js'
import { hasLabels, labelsOf } from './worker-labels.js'
import { isolationOf, requiredBy, type WorkKind, workKinds } from './works.js'

/** Out of what a load is drawn. */
export interface ErrandOptions {
  readonly seed: number
  /** How many jobs are submitted while faults happen. */
  readonly jobs: number
  readonly durationMs: number
  /** The workers of the cluster: what is required one of them has. */
  readonly workers: readonly string[]
}

/** So that what clients do does not say what goes wrong: all is drawn from one seed. */
const errandSalt = 0x70b5
/** So that loads of before labels are the same beside them. */
const labelSalt = 0x1abe
/** And of before clients died. */
const deathSalt = 0xdead
/** And of before definitions required labels. */
const fittedSalt = 0xf17
/** And of before results were large. */
const largeSalt = 0x1a49e
/** Seeds below this one have small results only, and mean what they meant before there were others. */
const largeFromSeed = 60_801
/** And of before code was isolated. */
const isolatedSalt = 0x150
/** Seeds below this one run all code in the event loops of workers, and mean what they meant before some was isolated. */
const isolatedFromSeed = 100_000
/** Three parts of an object at most. */
const largeBytesMax = 700_000
/** So much longer take some: in a thread more than the deadline and the grace together, in a process more than a lease. */
const longMs = 12_000
const clients = 2
const stepsMax = 5
const keys = ['red', 'blue'] as const

/** What a cancel by filter may name: what was drawn before there was another kind is drawn as it was. */
const swept = workKinds.filter((work) => work !== 'fitted' && isolationOf(work) === undefined)

/** Most work ends by itself; what does not is there to be stopped. */
const bag: readonly WorkKind[] = [
  ...(['steady', 'steady', 'steady', 'steady', 'shared', 'shared', 'wide', 'keyed', 'keyed'] as const),
  ...(['hanging', 'deaf', 'doomed'] as const),
]

/** Short mostly; long work is still at it when its worker has been given up, and was not stopped yet. */
const workMs = (chance: Chance): number =>
  Math.round(chance.hits(0.7) ? chance.between(5, 1_500) : chance.between(1_500, 10_000))

function afterOf(chance: Chance, before: readonly string[], shape: string): string[] {
  const last = before.at(-1)
  if (last === undefined || shape === 'list') return []
  if (shape === 'chain') return [last]
  return before.filter(() => chance.hits(0.5))
}

function drawSteps(chance: Chance): ErrandStep[] {
  const shape = chance.pick(['list', 'chain', 'graph'])
  const count = Math.floor(chance.between(1, stepsMax + 1))
  const steps: ErrandStep[] = []
  for (let index = 0; index < count; index += 1) {
    const work = chance.pick(bag)
    const names = steps.map(({ step }) => step)
    steps.push({
      step: `s${index}`,
      work,
      ms: workMs(chance),
      fails: chance.hits(0.2) ? Math.floor(chance.between(1, 4)) : 0,
      after: afterOf(chance, names, shape),
      ...(chance.hits(0.2) && { priority: Math.floor(chance.between(-10, 11)) }),
      ...(work === 'keyed' && { key: chance.pick(keys) }),
    })
  }
  return steps
}

/** What a client does to jobs that were submitted: of five jobs one or two are cancelled in part or as a whole. */
function drawStop(chance: Chance, atMs: number, client: number, jobs: readonly string[]): Errand[] {
  if (!chance.hits(0.4)) return []
  if (chance.hits(0.2)) {
    const state = chance.hits(0.5) ? { state: chance.pick(liveStates) } : {}
    return [{ kind: 'sweep', atMs, client, work: chance.pick(swept), ...state }]
  }
  const step = chance.hits(0.5) ? { step: `s${Math.floor(chance.between(0, stepsMax))}` } : {}
  return [{ kind: 'cancel', atMs, client, job: chance.pick(jobs), ...step }]
}

/** Lets one step in six require labels of one of the workers. */
function requireLabels(errands: readonly Errand[], workers: readonly string[], chance: Chance): Errand[] {
  if (workers.length === 0) return [...errands]
  const required = (step: ErrandStep): ErrandStep => {
    if (!chance.hits(1 / 6)) return step
    const labels = labelsOf(chance.pick(workers))
    return { ...step, requires: chance.hits(0.5) ? [...labels] : labels.slice(-1) }
  }
  return errands.map((errand) =>
    errand.kind === 'submit' ? { ...errand, steps: errand.steps.map(required) } : errand,
  )
}

/** Lets one in four of the usual steps run what requires labels by itself, where a worker has all that it then requires. */
function requireByDefinition(
  errands: readonly Errand[],
  workers: readonly string[],
  chance: Chance,
): Errand[] {
  const fitted = (step: ErrandStep): ErrandStep => {
    if (step.work !== 'steady' || !chance.hits(1 / 4)) return step
    const required = [...requiredBy('fitted'), ...(step.requires ?? [])]
    return workers.some((name) => hasLabels(name, required)) ? { ...step, work: 'fitted' } : step
  }
  return errands.map((errand) =>
    errand.kind === 'submit' ? { ...errand, steps: errand.steps.map(fitted) } : errand,
  )
}

/** Lets one step in four give more than a message takes (K36). */
function enlarge(errands: readonly Errand[], chance: Chance): Errand[] {
  const enlarged = (step: ErrandStep): ErrandStep =>
    chance.hits(1 / 4) ? { ...step, bytes: Math.round(chance.between(largeBytesMin, largeBytesMax)) } : step
  return errands.map((errand) =>
    errand.kind === 'submit' ? { ...errand, steps: errand.steps.map(enlarged) } : errand,
  )
}

/** Lets half of the usual steps run in a thread or process of their own, some as code that hears of no stop or ends what it runs in. */
function isolate(errands: readonly Errand[], chance: Chance): Errand[] {
  const works = ['threaded', 'forked'] as const
  const isolated = (step: ErrandStep): ErrandStep => {
    if (step.work !== 'steady' || !chance.hits(1 / 2)) return step
    const [deaf, breaks] = [chance.hits(1 / 3), step.fails > 0 && chance.hits(1 / 2)]
    const work = chance.pick(works)
    const isLong = (deaf || work === 'forked') && chance.hits(1 / 2)
    const ms = isLong ? step.ms + longMs : step.ms
    return { ...step, work, ms, ...(deaf && { deaf }), ...(breaks && { breaks }) }
  }
  return errands.map((errand) => {
    if (errand.kind === 'submit') return { ...errand, steps: errand.steps.map(isolated) }
    return errand.kind === 'sweep' && chance.hits(1 / 3) ? { ...errand, work: chance.pick(works) } : errand
  })
}

/** Lets one of five that submit be killed soon after. */
const deathsOf = (errands: readonly Errand[], durationMs: number, chance: Chance): Errand[] =>
  errands.flatMap((errand) => {
    if (errand.kind !== 'submit' || !chance.hits(0.2)) return []
    const atMs = Math.min(durationMs, Math.round(errand.atMs + chance.between(0, 3_000)))
    return [{ kind: 'die', atMs, client: errand.client }]
  })

/** Draws what clients do, and when. The same seed gives the same load. */
export function drawErrands({ seed, jobs, durationMs, workers }: ErrandOptions): Errand[] {
  const chance = new Chance(seed ^ errandSalt)
  const errands: Errand[] = []
  const names: string[] = []
  for (let index = 0; index < jobs; index += 1) {
    const atMs = Math.round((durationMs * index) / jobs + chance.between(0, durationMs / jobs))
    const client = Math.floor(chance.between(0, clients))
    const job = `j${index + 1}`
    names.push(job)
    errands.push({ kind: 'submit', atMs, client, job, twice: chance.hits(0.1), steps: drawSteps(chance) })
    const laterMs = Math.round(chance.hits(0.6) ? chance.between(0, 1_500) : chance.between(0, 6_000))
    errands.push(...drawStop(chance, Math.min(durationMs, atMs + laterMs), client, names))
  }
  const deaths = deathsOf(errands, durationMs, new Chance(seed ^ deathSalt))
  const labelled = requireLabels(errands, workers, new Chance(seed ^ labelSalt))
  const fitted = requireByDefinition(labelled, workers, new Chance(seed ^ fittedSalt))
  const enlarged = seed < largeFromSeed ? fitted : enlarge(fitted, new Chance(seed ^ largeSalt))
  const whole = seed < isolatedFromSeed ? enlarged : isolate(enlarged, new Chance(seed ^ isolatedSalt))
  return [...whole, ...deaths]
}
