import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { actionsOf, guardParts, implementationOf, nameOf, statesOf, transitionsOf } from './machine-parts.js'
import { reachableStates } from './reachable-states.js'
import { isBuiltinAction } from './xstate-internals.js'

/** One thing wrong with a machine that xstate would ignore, fire at once or hang on without a word. */
export interface LintProblem {
  readonly machine: string
  /** Id of the state; the machine's own where the whole machine is meant. */
  readonly state: string
  readonly what: string
  readonly mend: string
}

type Finding = Pick<LintProblem, 'what' | 'mend'>
type NamedPart = 'actions' | 'guards' | 'delays' | 'actors'

const eventPattern = /^[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)*$/
const effectPattern = /^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/

/** Everything wrong with a machine by the rules of this project; empty where it may run. */
export function lintMachine(machine: AnyStateMachine): LintProblem[] {
  const reached = reachableStates(machine)
  const at = (state: string, findings: readonly Finding[]): LintProblem[] =>
    findings.map((finding) => ({ machine: machine.id, state, ...finding }))
  return [
    ...at(machine.id, lintWhole(machine)),
    ...statesOf(machine).flatMap((node) =>
      at(node.id, [
        ...lintState(node, reached),
        ...lintEvents(node),
        ...actionsOf(node).flatMap((action) => lintAction(machine, action)),
        ...lintReferences(machine, node),
      ]),
    ),
  ]
}

function lintWhole(machine: AnyStateMachine): Finding[] {
  const findings: Finding[] = []
  if (machine.version === undefined) findings.push({ what: 'no version', mend: "write version: '1'" })
  if (!Number.isFinite(machine.options.maxIterations)) {
    findings.push({
      what: 'a cycle of always or raise would hang',
      mend: 'write options: { maxIterations: 1000 }',
    })
  }
  return findings
}

function lintState(node: AnyStateNode, reached: ReadonlySet<AnyStateNode>): Finding[] {
  const findings: Finding[] = []
  if (node.parent !== undefined && !node.description) {
    findings.push({ what: 'no description', mend: 'say in one sentence what is true here' })
  }
  if (!reached.has(node))
    findings.push({ what: 'no transition leads here', mend: 'lead one here or take it away' })
  if (node.type === 'atomic' && !hasWayOn(node)) {
    findings.push({
      what: 'waits without a clock',
      mend: "add after: { ... }, or meta: { rests: 'who ends this' }",
    })
  }
  return findings
}

/** Whether a state, or one around it, moves on by itself or says why it need not. */
function hasWayOn(node: AnyStateNode): boolean {
  const rests: unknown = node.meta?.rests
  const moves = node.after.length > 0 || (node.always?.length ?? 0) > 0
  if (moves || (typeof rests === 'string' && rests !== '')) return true
  return node.parent !== undefined && hasWayOn(node.parent)
}

const lintEvents = (node: AnyStateNode): Finding[] =>
  [...node.transitions.keys()]
    .filter((type) => !type.startsWith('xstate.') && !eventPattern.test(type))
    .map((type) => ({
      what: `event ${type} is not noun.verb in lower case`,
      mend: 'rename it, without wildcards',
    }))

function lintAction(machine: AnyStateMachine, action: unknown): Finding[] {
  const name = nameOf(action)
  const implementation = implementationOf(machine, action)
  if (isBuiltinAction(implementation)) {
    const { delay, type, src } = implementation
    return [
      ...(typeof delay === 'string' ? lintName(machine, 'delays', delay) : []),
      ...(type === 'xstate.spawnChild' && typeof src === 'string' ? lintName(machine, 'actors', src) : []),
    ]
  }
  if (name === undefined)
    return [{ what: 'an inline effect', mend: 'name it area.verb in setup({ actions })' }]
  if (implementation === undefined) return lintName(machine, 'actions', name)
  return effectPattern.test(name) ? [] : [{ what: `effect ${name} is not area.verb`, mend: 'rename it' }]
}

function lintReferences(machine: AnyStateMachine, node: AnyStateNode): Finding[] {
  const guards = transitionsOf(node).flatMap((transition) => guardParts(transition.guard).map(nameOf))
  const children = node.invoke.map(({ src }) => String(src))
  return [
    ...guards.flatMap((name) => (name === undefined ? [] : lintName(machine, 'guards', name))),
    ...children
      .filter((src) => !src.startsWith('xstate.invoke.'))
      .flatMap((src) => lintName(machine, 'actors', src)),
  ]
}

function lintName(machine: AnyStateMachine, part: NamedPart, name: string): Finding[] {
  const declared = Object.keys(machine.implementations[part])
  if (declared.includes(name)) return []
  const known = declared.length === 0 ? 'none is' : `declared are ${declared.join(', ')}`
  return [
    {
      what: `${part.slice(0, -1)} ${name} is not declared`,
      mend: `declare it in setup({ ${part} }); ${known}`,
    },
  ]
}
