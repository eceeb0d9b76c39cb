import { limits } from '@covey/protocol'
import { refuseDefinition } from './refuse-definition.js'

const isolations = ['inline', 'thread', 'process'] as const

/** Where a function runs: in the event loop of its worker, in a thread beside it, or in a process of its own. */
export type Isolation = (typeof isolations)[number]

/** Where the function of a workflow runs. */
export interface IsolationOptions {
  /**
   * `'thread'` for code that computes for long: it blocks nobody, and can be ended. `'process'` for what may crash or use
   * up its memory as well. Default `'inline'`.
   */
  readonly isolation?: Isolation
  /**
   * `import.meta.url` of the file that exports the workflow, which the thread or process loads. Not needed where the file
   * is given with `--workflows`.
   */
  readonly module?: string
  /** MiB of the heap of the thread or process: over it the attempt fails. Default: what Node takes. */
  readonly memoryMb?: number
}

const isFileUrl = (module: unknown): module is string =>
  typeof module === 'string' && module.startsWith('file:') && URL.canParse(module)

function checkMemory(isolation: Isolation, memoryMb: number): void {
  const { hostMemoryMbMin: min, hostMemoryMbMax: max } = limits
  if (isolation === 'inline') {
    refuseDefinition('memoryMb', 'an inline function has no memory of its own', "add isolation: 'thread'")
  }
  if (!Number.isInteger(memoryMb) || memoryMb < min || memoryMb > max)
    refuseDefinition('memoryMb', `${memoryMb} is no size`, `take ${min} to ${max}, in whole MiB`)
}

/** What a definition says of where it runs. Throws `invalid_definition` naming the field. */
export function isolationOf({ isolation = 'inline', module, memoryMb }: IsolationOptions): {
  readonly isolation?: Exclude<Isolation, 'inline'>
  readonly module?: string
  readonly memoryMb?: number
} {
  if (!isolations.includes(isolation)) {
    refuseDefinition('isolation', `${JSON.stringify(isolation)} is none`, `take ${isolations.join(', ')}`)
  }
  if (module !== undefined && !isFileUrl(module))
    refuseDefinition('module', 'is not the URL of a file', 'write module: import.meta.url')
  if (memoryMb !== undefined) checkMemory(isolation, memoryMb)
  if (isolation === 'inline') return {}
  return {
    isolation,
    ...(module === undefined ? {} : { module }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
  }
}
