import type { Dependencies } from './dependencies.js'

const workflows = `import { defineWorkflow } from 'covey'
import { z } from 'zod'

/** A function that a cluster runs: every workflow that this file exports is offered by the workers that load it. */
export const greet = defineWorkflow({
  name: 'greet',
  version: '1.0.0',
  input: z.object({ who: z.string().min(1) }),
  timeout: '30 s',
  retry: { attempts: 3 },
  run: async ({ input, signal }) => {
    signal.throwIfAborted()
    return \`Hello, \${input.who}!\`
  },
})
`

const test = `import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostWorkflow } from 'covey'
import { greet } from './workflows.js'

/** Runs the function as a worker does, with its schemas around it, and without a cluster. */
const run = (input: unknown) =>
  hostWorkflow(greet).run({
    input,
    workflow: 'test/main',
    job: 'test',
    step: 'main',
    node: 'here',
    attempt: 1,
    token: '1.1.1.0',
    results: {},
    signal: new AbortController().signal,
    progress: () => undefined,
    extendTimeout: async () => ({ grantedMs: 0 }),
    statistics: {
      counter: () => ({ add: () => undefined }),
      gauge: () => ({ set: () => undefined }),
      histogram: () => ({ record: () => undefined }),
    },
  })

test('greets whoever is named', async () => {
  assert.equal(await run({ who: 'world' }), 'Hello, world!')
})

test('refuses an input that names nobody', async () => {
  await assert.rejects(run({ who: '' }), { code: 'invalid_input' })
})
`

const compilerOptions = {
  ...{ target: 'es2023', module: 'nodenext', strict: true, types: ['node'], skipLibCheck: true },
  ...{ rootDir: 'src', outDir: 'dist' },
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`

const manifest = (name: string, dependencies: Dependencies): string =>
  json({
    ...{ name, version: '0.1.0', private: true, type: 'module' },
    scripts: {
      build: 'tsc',
      test: 'npm run build && node --test dist/workflows.test.js',
      start: 'npm run build && covey up --workflows dist/workflows.js',
    },
    ...dependencies,
  })

/** The files of a new project by their paths: one workflow, and a test of it that runs without a cluster. */
export const projectFiles = (name: string, dependencies: Dependencies): Readonly<Record<string, string>> => ({
  'package.json': manifest(name, dependencies),
  'tsconfig.json': json({ compilerOptions, include: ['src'] }),
  '.gitignore': 'node_modules/\ndist/\n.covey/\n',
  'src/workflows.ts': workflows,
  'src/workflows.test.ts': test,
})
