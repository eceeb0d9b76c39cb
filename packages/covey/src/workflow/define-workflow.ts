import type { AttemptInput } from '@covey/actors'
import { isId, type Policy } from '@covey/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { hasOptions, type KnownOptions } from '../known-options.js'
import { type Isolation, type IsolationOptions, isolationOf } from './isolation-options.js'
import { type PolicyOptions, policyOf } from './policy-options.js'
import { refuseDefinition, refuseSchema, refuseUnknownFields } from './refuse-definition.js'

declare const types: unique symbol

/** What a workflow's function is given for one attempt; `input` is what the schema made of it. */
export interface Attempt<Input> extends Omit<AttemptInput, 'input'> {
  readonly input: Input
}

/** What a workflow is, as its author writes it. */
export interface WorkflowOptions<Input, Given, Returned, Output>
  extends PolicyOptions<Given>,
    IsolationOptions {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`: what it is submitted by. */
  readonly name: string
  /** Checks, and may transform, the input before each attempt. Without it the input is taken as it comes. */
  readonly input?: StandardSchemaV1<Given, Input>
  /** Checks, and may transform, what the function returns. */
  readonly output?: StandardSchemaV1<Returned, Output>
  /** The work: one attempt. What it throws fails the attempt, or the workflow where it is a terminal `CoveyError`. */
  readonly run: (attempt: Attempt<Input>) => Returned | PromiseLike<Returned>
}

/** Any workflow, whatever it takes and gives. */
export interface AnyWorkflow {
  readonly name: string
  readonly policy: Policy
  readonly input: StandardSchemaV1 | undefined
  readonly output: StandardSchemaV1 | undefined
  /** The key of an input, where its attempts are limited by one. */
  readonly key: ((input: never) => string) | undefined
  readonly run: (attempt: Attempt<never>) => unknown
  /** Where its function runs; left out where that is `inline`. */
  readonly isolation?: Exclude<Isolation, 'inline'>
  /** The URL of the file that exports it, for a thread or process to load. */
  readonly module?: string
  /** MiB of the heap of that thread or process. */
  readonly memoryMb?: number
}

/** A workflow that takes `Given` and gives `Output`: made by {@link defineWorkflow}, hosted by nodes, submitted by clients. */
export interface Workflow<Given, Output> extends AnyWorkflow {
  /** Exists for the compiler only. */
  readonly [types]?: (given: Given) => Output
}

/** What a workflow is submitted with; `unknown` for one that is known by name only. */
export type GivenOf<Definition> = Definition extends Workflow<infer Given, infer _> ? Given : unknown

/** What a workflow results in; `unknown` for one that is known by name only. */
export type OutputOf<Definition> = Definition extends Workflow<infer _, infer Output> ? Output : unknown

const knownOptions: KnownOptions<WorkflowOptions<never, never, never, never>> = {
  ...{ name: true, version: true, input: true, output: true, run: true },
  ...{ slots: true, exclusive: true, timeout: true, retry: true },
  ...{ requires: true, concurrency: true },
  ...{ isolation: true, module: true, memoryMb: true },
}

/**
 * Defines a workflow: a function with the policy of its attempts, typed from its schemas to its result. A durable
 * record of it is kept by name, so a name always means the same work. Throws `invalid_definition` naming the field.
 */
export function defineWorkflow<Input = unknown, Given = Input, Returned = unknown, Output = Returned>(
  options: WorkflowOptions<Input, Given, Returned, Output>,
): Workflow<Given, Output> {
  if (!hasOptions(options))
    refuseDefinition(
      'options',
      'is no object',
      "write it as { name: 'resize', run: async ({ input }) => result }",
    )
  refuseUnknownFields('', options, knownOptions)
  const { name, input, output, run, concurrency } = options
  if (typeof name !== 'string' || !isId(name)) {
    refuseDefinition(
      'name',
      `${JSON.stringify(name)} is not a name`,
      'use 1 to 64 of the characters A-Z a-z 0-9 _ -',
    )
  }
  if (typeof run !== 'function')
    refuseDefinition('run', 'is not a function', 'pass async ({ input }) => result')
  refuseSchema('input', input)
  refuseSchema('output', output)
  const { key } = concurrency ?? {}
  return { name, policy: policyOf(options), input, output, key, run, ...isolationOf(options) }
}
