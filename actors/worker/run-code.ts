import { type CodeEnding, completion, failure, withStatistics } from './code-ending.js'
import { GivenAttempt } from './given-attempt.js'
import type { HostedWorkflow } from './hosted-workflow.js'
import type { LoadedCode } from './loaded-code.js'

/** Runs the function of a workflow in this thread and resolves with how it ended; never rejects. */
export async function runCode(workflow: HostedWorkflow, code: LoadedCode, node: string): Promise<CodeEnding> {
  try {
    return withStatistics(completion(await workflow.run(new GivenAttempt(code, node))), code.counted())
  } catch (error) {
    return withStatistics(failure(error), code.counted())
  }
}
