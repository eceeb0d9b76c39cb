/**
 * Begins the thread of an isolated workflow. Plain JavaScript, because a thread of Node before 22.18 has no loader of
 * TypeScript, not even where its process has one: only Covey's own tests run it from its sources.
 */
import { workerData } from 'node:worker_threads'

/** @type {{ main: string, loader?: string }} */
const { main, loader } = workerData

if (loader !== undefined) {
  const { register } = await import(loader)
  register()
}
await import(main)
