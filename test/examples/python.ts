import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installTimeoutMs = 90_000
const needed = ['-c', 'import msgpack, nats']

/**
 * A Python that can run the examples: that of the machine where it has what they need, else one of our own below
 * `node_modules`, made once. Rejects where neither can be had.
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
  await run('python3', ['-m', 'venv', own])
  const requirements = join(root, 'examples/python/requirements.txt')
  await run(ownPython, ['-m', 'pip', 'install', '-q', '-r', requirements], { timeout: installTimeoutMs })
  await run(ownPython, needed)
  return ownPython
}
