import { isId, policySchema } from '@covey/protocol'
import type { AnyWorkflow } from './define-workflow.js'

/** Told by its shape and not by its class, since the module may have its own copy of Covey. */
function isWorkflow(value: unknown): value is AnyWorkflow {
  if (typeof value !== 'object' || value === null) return false
  const { name, policy, run } = value as Partial<Record<keyof AnyWorkflow, unknown>>
  return (
    typeof name === 'string' &&
    isId(name) &&
    typeof run === 'function' &&
    policySchema.safeParse(policy).success
  )
}

/** All workflows among what a module exports. */
export const exportedWorkflows = (exported: Readonly<Record<string, unknown>>): readonly AnyWorkflow[] =>
  Object.values(exported).filter(isWorkflow)
