import type { Labels } from '@covey/protocol'
import type { KnownOptions } from '../known-options.js'
import type { GivenOf } from '../workflow/define-workflow.js'

/** The input of a step: it may be left out only where its workflow takes none, or is not known by its definition. */
type InputOfStep<Definition> =
  undefined extends GivenOf<Definition>
    ? { readonly input?: GivenOf<Definition> }
    : { readonly input: GivenOf<Definition> }

/** What is asked of the place and the time that a workflow runs at. */
export interface PlacingOptions {
  /**
   * From -10 to 10, default 0: the higher goes first. Each level counts as much as 5 minutes of waiting, so that nobody
   * waits for ever.
   */
  readonly priority?: number
  /**
   * Attempts of one key of a workflow share its limit, and keys take turns. Default: what the key of the definition makes
   * of the input.
   */
  readonly key?: string
  /** Labels that its worker has to have, beside those of the definition. */
  readonly requires?: Labels
}

export const knownPlacing: KnownOptions<PlacingOptions> = { priority: true, key: true, requires: true }

/** One step of a job: a workflow by its definition or its name, its input, and the steps whose results it waits for. */
export type StepSpec<Definition = unknown, Name extends string = string> = {
  /** The definition: types the input here and the result of the step. */
  readonly workflow?: Definition
  /** The name, where the definition is not at hand. */
  readonly name?: string
  /** Steps of this job that must complete first; the function finds their results in `results`. */
  readonly after?: readonly Name[]
} & PlacingOptions &
  InputOfStep<Definition>

/** A step as it comes to the door: what is `undefined` is not there. */
export type GivenStep = { readonly [Field in keyof StepSpec]?: StepSpec[Field] | undefined }

/** A job: steps by name, with dependencies, submitted and cancelled together. */
export interface JobSpec<Definitions extends object = Readonly<Record<string, unknown>>> {
  /** Chosen by the submitter, so that a repeated submit is the same job; drawn at random where it is missing. */
  readonly id?: string
  readonly workflows: {
    readonly [Step in keyof Definitions]: StepSpec<Definitions[Step], keyof Definitions & string>
  }
}
