import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Clock } from '@covey/transport'
import { nodeFlags } from 'covey'
import type { ChildNote } from './child-note.js'
import type { ChildOrder, ChildWord } from './child-role.js'

/** A process of a benchmark. */
export interface Child {
  /** Lets it end; kills it where it does not within its grace. */
  stop(): Promise<void>
  /** Kills it, with no word before, and resolves when it is gone. */
  kill(): Promise<void>
}

const program = fileURLToPath(new URL('./child.js', import.meta.url))
const startDeadlineMs = 20_000
const stopGraceMs = 5_000

/** How a start ended, as a process says first. */
type FirstWord = Exclude<ChildWord, { readonly kind: 'noted' }>

/** Its first word, or what stands for it: that it ended, or said nothing in time. */
function firstWord(child: ChildProcess, clock: Clock): Promise<FirstWord> {
  return new Promise((resolve) => {
    const fail = (reason: string): void => resolve({ kind: 'failed', reason })
    const timer = clock.setTimeout(() => fail('is not ready in time'), startDeadlineMs)
    const settle = (word: FirstWord): void => {
      clock.clearTimeout(timer)
      resolve(word)
    }
    child.on('message', function hear(word: ChildWord): void {
      if (word.kind === 'noted') return
      child.off('message', hear)
      settle(word)
    })
    child.once('exit', (code, signal) => settle({ kind: 'failed', reason: `ended with ${signal ?? code}` }))
  })
}

/**
 * Starts a process and resolves when it is ready; what its role notes goes to `take`, before that too. Rejects with its
 * own reason, or when it is not ready in time.
 */
export async function startChild(
  order: ChildOrder,
  clock: Clock,
  take: (note: ChildNote) => void = () => undefined,
): Promise<Child> {
  const child = fork(program, [JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...nodeFlags, ...process.execArgv],
  })
  const exited = once(child, 'exit')
  child.on('message', (word: ChildWord) => {
    if (word.kind === 'noted') take(word.note)
  })
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect()
    const timer = clock.setTimeout(() => child.kill('SIGKILL'), stopGraceMs)
    await exited
    clock.clearTimeout(timer)
  }
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL')
    await exited
  }
  const word = await firstWord(child, clock)
  if (word.kind === 'ready') return { stop, kill }
  await stop()
  throw new Error(`${order.role} ${order.name}: ${word.reason}`)
}
