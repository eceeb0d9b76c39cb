import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installTimeoutMs = 90_000
const needed = ['-c', 'import msgpack, nats']

/** What a program that has failed says. */
interface ProgramError {
  readonly code?: string | number
  readonly stderr?: string
  /** It was ended for taking too long. */
  readonly killed?: boolean
}

/** A machine that cannot have such a Python, which is no fault of the example. */
export class NoPythonHere extends Error {
  override readonly name = 'NoPythonHere'
}

/** Why pip got nothing from its index, if that is why it failed: a package that the index does not have is a fault of ours. */
export function unreachableIndex({ stderr = '', killed = false }: ProgramError): string | undefined {
  if (killed) return `pip had no answer within ${installTimeoutMs} ms`
  return /connection broken by '?(\w+)|ReadTimeoutError|ProxyError|Network is unreachable/.test(stderr)
    ? 'pip cannot reach its package index'
    : undefined
}

/** Why there is no Python to give packages to: none at all, or one without `venv`, as Debian splits it. */
export function missingPython({ code, stderr = '' }: ProgramError): string | undefined {
  if (code === 'ENOENT') return 'there is no python3'
  return /ensurepip is not|No module named venv/.test(stderr) ? 'python3 comes without venv' : undefined
}

async function orNotHere(work: Promise<unknown>, reasonOf: (error: ProgramError) => string | undefined) {
  try {
    await work
  } catch (error) {
    const reason = reasonOf(error as ProgramError)
    if (reason === undefined) throw error
    throw new NoPythonHere(reason, { cause: error })
  }
}

/**
 * A Python that can run the examples: that of the machine where it has what they need, else one of our own below
 * `node_modules`, made once. Rejects `NoPythonHere` where there is none or the package index cannot be reached, and with
 * the error of pip for anything else.
 */
export async function pythonOf(root: string): Promise<string> {
  const own = join(root, 'node_modules/.cache/covey-python')
  const ownPython = join(own, 'bin/python')
  for (const python of [process.env.COVEY_PYTHON ?? 'python3', ownPython]) {
    const works = await run(python, needed).then(
      () => true,
      () => false,
    )
    if (works) return python
  }
  await orNotHere(run('python3', ['-m', 'venv', own]), missingPython)
  const requirements = join(root, 'examples/python/requirements.txt')
  const install = ['-m', 'pip', 'install', '-q', '--retries', '1', '-r', requirements]
  await orNotHere(run(ownPython, install, { timeout: installTimeoutMs }), unreachableIndex)
  await run(ownPython, needed)
  return ownPython
}
