// What isolated workflows may do, each in a thread and in a process of its own.
import { getHeapStatistics } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import { CoveyError, defineWorkflow } from 'covey'
import { z } from 'zod'

let calls = 0

const both = (name, more) =>
  ['thread', 'process'].map((isolation) =>
    defineWorkflow({
      ...{ name: `${name}-${isolation}`, version: '1', isolation, module: import.meta.url, memoryMb: 48 },
      ...more,
    }),
  )

export const [tellThread, tellProcess] = both('tell', {
  run: ({ input, results, token, attempt, node, step }) => {
    calls += 1
    const heapMb = getHeapStatistics().heap_size_limit / 2 ** 20
    return { input, results, token, attempt, node, step, calls, isMainThread, pid: process.pid, heapMb }
  },
})

export const [doubleThread, doubleProcess] = both('double', {
  input: z.number().transform((one) => one * 2),
  output: z.number().max(100),
  run: ({ input }) => input,
})

/** Blocks the event loop as a loop that never ends does, and leaves the processor to other tests. */
const block = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)

export const [spinThread, spinProcess] = both('spin', {
  run: ({ progress }) => {
    for (let turn = 0; ; turn += 1) {
      if (turn % 10 === 0) progress({ pid: process.pid, turn })
      block()
    }
  },
})

export const [loopThread, loopProcess] = both('loop', {
  run: ({ progress }) => {
    progress({ pid: process.pid })
    for (;;);
  },
})

export const [shortThread] = both('short', {
  // Longer than a thread takes to start on a busy machine: it is to spin when its time is over.
  timeout: 3_000,
  run: () => {
    for (;;) block()
  },
})

export const [extendThread, extendProcess] = both('extend', {
  timeout: 60_000,
  run: async ({ extendTimeout, progress }) => {
    const answers = [await extendTimeout(1_000), await extendTimeout(1_000)]
    progress('half of it')
    const [third, beside] = await Promise.all([extendTimeout(), extendTimeout()])
    return [...answers, third, beside]
  },
})

export const [countThread, countProcess] = both('count', {
  run: async ({ input, statistics, signal }) => {
    for (let index = 1; index <= input; index += 1) {
      statistics.counter('done').add()
      statistics.histogram('ms').record(index)
    }
    if (input === 0) return
    statistics.gauge('left').set(0)
    if (input < 100) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    statistics.counter('x'.repeat(65))
  },
})

export const [obeyThread, obeyProcess] = both('obey', {
  run: ({ signal, progress }) =>
    new Promise((resolve) => {
      progress('waits')
      signal.addEventListener('abort', () => {
        progress({ code: signal.reason.code, message: signal.reason.message })
        resolve('too late')
      })
    }),
})

const failures = {
  throws() {
    throw new TypeError('no such thing', { cause: new RangeError('below') })
  },
  refuses() {
    throw new CoveyError('invalid_input', 'no such day', { address: 'day', mend: 'name a day' })
  },
  circles() {
    const circle = {}
    circle.self = circle
    return circle
  },
  floods: () => new Uint8Array(300_000),
  exits: () => process.exit(3),
  strays: () => {
    setImmediate(() => {
      throw new SyntaxError('past it')
    })
    return new Promise(() => undefined)
  },
  starves: () => {
    const kept = []
    for (;;) kept.push(new Array(1_000).fill(kept.length))
  },
}

export const [failThread, failProcess] = both('fail', {
  run: ({ input }) => failures[input](),
})
