import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CoveyError } from '@covey/protocol'
import { type AnyWorkflow, exportedWorkflows } from 'covey'
import { checkRegularFile } from './regular-file.js'

function mendOf(path: string, cause: unknown): string {
  if (!existsSync(path)) return 'name the file of the module, with its ending: --workflows workflows.js'
  const { code, mend } = (cause ?? {}) as { readonly code?: unknown; readonly mend?: unknown }
  // A definition says itself what to do; it may be of another copy of the package.
  if (code === 'invalid_definition' && typeof mend === 'string') return mend
  return code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? 'compile it to .js or .mjs, or run Node 22.18 or newer, which loads .ts'
    : `the file must load by itself: node ${path} shows what is wrong, and where`
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    checkRegularFile(path)
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new CoveyError('module_failed', `${path} does not load: ${message}`, {
      address: path,
      mend: mendOf(path, cause),
      cause,
    })
  }
}

async function workflowsOf(path: string): Promise<readonly AnyWorkflow[]> {
  const found = exportedWorkflows(await load(path))
  if (found.length > 0) return found
  throw new CoveyError('module_failed', `${path} exports no workflow`, {
    address: path,
    mend: 'export what defineWorkflow returns: export const resize = defineWorkflow({ ... })',
  })
}

/**
 * Loads modules and answers all workflows that they export. Throws `module_failed` for a module that does not load or
 * exports none, and for two different workflows of one name. One that is isolated and names no module is loaded by its
 * thread or process from the same file.
 */
export async function loadWorkflows(
  folder: string,
  files: readonly string[],
): Promise<readonly AnyWorkflow[]> {
  const byName = new Map<string, AnyWorkflow>()
  const modules = new Map<AnyWorkflow, string>()
  for (const file of files) {
    const path = resolve(folder, file)
    for (const workflow of await workflowsOf(path)) {
      const known = byName.get(workflow.name)
      if (known !== undefined && known !== workflow) {
        throw new CoveyError('module_failed', `${path} defines ${workflow.name} again`, {
          address: path,
          mend: 'a name means one workflow: rename one of them',
        })
      }
      byName.set(workflow.name, workflow)
      modules.set(workflow, workflow.module ?? pathToFileURL(path).href)
    }
  }
  return [...modules].map(([workflow, module]) =>
    workflow.isolation === undefined ? workflow : { ...workflow, module },
  )
}
