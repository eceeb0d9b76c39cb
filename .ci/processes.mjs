import { spawn } from 'node:child_process'
import { setPriority } from 'node:os'

const running = new Set()
/** Less than half of what others get where both want a processor. */
const yieldingPriority = 4

/**
 * Runs one program to its end and promises never to reject: a program that cannot be started ends with code 127.
 * Its output is collected, and shown on the way when `show` is true. After `deadlineMs` it is killed. With `yields` it
 * gets what the others leave of the processors.
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve) => {
    const { cwd, env = process.env, show = false, deadlineMs, yields = false } = options
    const startedAt = Date.now()
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (yields && child.pid !== undefined) setPriority(child.pid, yieldingPriority)
    const parts = []
    let overdue = false
    const deadline = deadlineMs && setTimeout(() => (overdue = child.kill('SIGKILL')), deadlineMs)
    const finish = (code) => {
      clearTimeout(deadline)
      running.delete(child)
      resolve({ code, overdue, output: Buffer.concat(parts).toString(), elapsedMs: Date.now() - startedAt })
    }
    running.add(child)
    const take = (stream, shown) =>
      stream?.on('data', (part) => {
        parts.push(part)
        if (show) shown.write(part)
      })
    take(child.stdout, process.stdout)
    take(child.stderr, process.stderr)
    child.on('error', (error) => {
      parts.push(Buffer.from(`${error.message}\n`))
      finish(127)
    })
    child.on('close', (code) => finish(code ?? 1))
  })

/** Runs a script with the Node that runs this one, so that no PATH decides which Node or shim is taken. */
export const runNode = (script, args, options) => run(process.execPath, [script, ...args], options)

/** Ends what is still running and calls `tidy` when this process is interrupted, whatever interrupts it. */
export const onInterruption = (tidy) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => {
      for (const child of running) child.kill(signal)
      tidy()
      process.exit(code)
    })
  }
}

/** Milliseconds as a person reads them. */
export const seconds = (elapsedMs) => `${(elapsedMs / 1000).toFixed(1)} s`
