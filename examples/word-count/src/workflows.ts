import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { defineWorkflow } from 'covey'
import { z } from 'zod'
import { countFile } from './count-file.js'
import { addTallies, emptyTally, mergeTables, type Tally } from './tally.js'

const count = z.number().int().min(0)
/** A table as it travels. */
export const tableSchema = z.record(
  z.string(),
  z.object({ files: count, words: count, lines: count, bytes: count }),
)

/** Counts the words, lines and bytes of some files, by extension. */
export const countFiles = defineWorkflow({
  name: 'count',
  version: '1.0.0',
  input: z.object({ root: z.string(), files: z.record(z.string(), z.array(z.string())) }),
  output: tableSchema,
  // Counting twice at a time harms nobody, so the files of a lost worker need not wait for its lease.
  exclusive: false,
  retry: { attempts: 3 },
  run: async ({ input, signal }) => {
    const table = new Map<string, Tally>()
    for (const [extension, paths] of Object.entries(input.files)) {
      for (const path of paths) {
        const tally = await countFile(join(input.root, path), signal)
        if (tally) table.set(extension, addTallies(table.get(extension) ?? emptyTally, tally))
      }
    }
    return Object.fromEntries(table)
  },
})

/** Adds up the tables that its dependencies have made. */
export const mergeCounts = defineWorkflow({
  name: 'merge',
  version: '1.0.0',
  output: tableSchema,
  exclusive: false,
  run: async ({ results }) => mergeTables(z.array(tableSchema).parse(Object.values(results))),
})

/** Waits, where it is not cancelled, and says for how long it was to. */
export const holdFor = defineWorkflow({
  name: 'hold',
  version: '1.0.0',
  input: z.object({ ms: z.number().min(0) }),
  output: z.number(),
  run: async ({ input, signal }) => {
    await wait(input.ms, undefined, { signal })
    return input.ms
  },
})

/** This module as a file, which the workers load. */
export const workflowsFile = fileURLToPath(import.meta.url)
