import type { GivenOf } from '../workflow/define-workflow.js'

/** The input of a step: it may be left out only where its workflow takes none, or is not known by its definition. */
type InputOfStep<Definition> =
  undefined extends GivenOf<Definition>
    ? { readonly input?: GivenOf<Definition> }
    : { readonly input: GivenOf<Definition> }

/** One step of a job: a workflow by its definition or its name, its input, and the steps whose results it waits for. */
export type StepSpec<Definition = unknown, Name extends string = string> = {
  /** The definition: types the input here and the result of the step. */
  readonly workflow?: Definition
  /** The name, where the definition is not at hand. */
  readonly name?: string
  /** Steps of this job that must complete first; the function finds their results in `results`. */
  readonly after?: readonly Name[]
} & InputOfStep<Definition>

/** A job: steps by name, with dependencies, submitted and cancelled together. */
export interface JobSpec<Definitions extends object = Readonly<Record<string, unknown>>> {
  /** Chosen by the submitter, so that a repeated submit is the same job; drawn at random where it is missing. */
  readonly id?: string
  readonly workflows: {
    readonly [Step in keyof Definitions]: StepSpec<Definitions[Step], keyof Definitions & string>
  }
}
