import { fork } from 'node:child_process'
import { createRequire } from 'node:module'
import { Socket } from 'node:net'
import type { OpenHost } from '@covey/actors'

/** A process, held to its lease by a thread of its own, which also ends it with its node. */
export const openProcess: OpenHost = ({ module, memoryMb }, { onWord, onEnd }) => {
  const child = fork(createRequire(import.meta.url).resolve('#host-process'), [module], {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    ...(memoryMb === undefined
      ? {}
      : { execArgv: [...process.execArgv, `--max-old-space-size=${memoryMb}`] }),
  })
  const leases = child.stdio[4]
  if (leases instanceof Socket) {
    leases.unref()
    // A process that is gone needs no lease, and its exit says so.
    leases.on('error', () => undefined)
  }
  child.on('message', onWord)
  child.on('error', (error) => {
    if (child.pid === undefined) onEnd(error.message)
  })
  child.on('exit', (code, signal) => onEnd(signal ?? `exit code ${code}`))
  return {
    say(frame) {
      if (child.connected) child.send(frame, () => undefined)
    },
    lease(leftMs = -1) {
      if (leases instanceof Socket && leases.writable) leases.write(`${Math.ceil(leftMs)}\n`)
    },
    unref() {
      child.unref()
      child.channel?.unref()
    },
    end() {
      child.ref()
      child.kill('SIGKILL')
    },
  }
}
