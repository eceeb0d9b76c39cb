import { fork } from 'node:child_process'

/**
 * Runs seeds, one after another in each of some processes, until `isOver` says so and those under way have ended. A
 * process that dies is a verdict of its seed, and another one takes its place. The answer's `stop` ends all at once.
 * @param worker path of the script that answers `{ seed }` with a verdict
 */
export const runSeeds = ({ worker, workers, args, from, isOver, onVerdict }) => {
  const children = new Set()
  let next = from
  let isStopped = false
  const runWorker = () =>
    new Promise((resolve) => {
      const child = fork(worker, args)
      let seed
      const give = () => {
        if (isStopped || isOver(next - from)) return child.disconnect()
        seed = next++
        child.send({ seed })
      }
      children.add(child)
      child.on('message', (verdict) => {
        seed = undefined
        onVerdict(verdict)
        give()
      })
      child.on('exit', (code, signal) => {
        children.delete(child)
        if (seed !== undefined && !isStopped) {
          const violation = { invariant: 'process', what: `it ended with ${signal ?? code}` }
          onVerdict({ seed, nodeHours: 0, violation })
        }
        resolve(seed === undefined || isStopped ? undefined : runWorker())
      })
      give()
    })
  const ended = Promise.all(Array.from({ length: workers }, runWorker))
  const stop = () => {
    isStopped = true
    for (const child of children) child.kill('SIGKILL')
  }
  return { ended, stop }
}
