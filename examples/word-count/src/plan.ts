import type { ListedFile } from './file-list.js'

/** What one `count` workflow is given. */
interface CountInput {
  readonly root: string
  /** Paths below the root, by the extension they are counted under. */
  readonly files: Readonly<Record<string, readonly string[]>>
}

/** One step of the job, before it is given to the cluster. */
export type PlannedStep =
  | { readonly kind: 'count'; readonly step: string; readonly input: CountInput }
  | { readonly kind: 'merge'; readonly step: string; readonly after: readonly string[] }

/** The step whose result is the table of all files. */
export const totalStep = 'total'

const countStepsWanted = 240
const filesPerStepMax = 256
/** Paths are the input of a step, which is limited; a character of one may take three bytes. */
const pathCharactersPerStepMax = 64 * 1_024
const mergedPerStepMax = 8

/** Cuts the list where so many bytes or files, or so much of paths, have come together; the order of the files stays. */
function cutIntoChunks(files: readonly ListedFile[]): ListedFile[][] {
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const bytesWanted = Math.ceil(totalBytes / countStepsWanted)
  const filesWanted = Math.min(filesPerStepMax, Math.ceil(files.length / countStepsWanted))
  const chunks: ListedFile[][] = []
  let room = 0
  let characters = 0
  for (const file of files) {
    const last = chunks.at(-1)
    characters += file.path.length
    const fits = last !== undefined && last.length < filesWanted && characters <= pathCharactersPerStepMax
    if (fits && room > 0) last.push(file)
    else {
      chunks.push([file])
      room = bytesWanted
      characters = file.path.length
    }
    room -= file.bytes
  }
  return chunks
}

function inputOf(root: string, files: readonly ListedFile[]): CountInput {
  const byExtension: Record<string, string[]> = {}
  for (const { path, extension } of files) {
    byExtension[extension] ??= []
    byExtension[extension].push(path)
  }
  return { root, files: byExtension }
}

const groupsOf = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )

/** Puts a tree of merges over some steps until one is left. */
function mergeTree(leaves: readonly string[]): PlannedStep[] {
  const merges: PlannedStep[] = []
  let level = leaves
  for (let depth = 1; level.length > mergedPerStepMax; depth += 1) {
    const next = groupsOf(level, mergedPerStepMax).map((after, index) => ({
      kind: 'merge' as const,
      step: `merge-${depth}-${index + 1}`,
      after,
    }))
    merges.push(...next)
    level = next.map(({ step }) => step)
  }
  return [...merges, { kind: 'merge', step: totalStep, after: level }]
}

/** Plans the whole job: some hundreds of counts, a tree of merges, and `total` at its root. */
export function planJob(root: string, files: readonly ListedFile[]): readonly PlannedStep[] {
  const counts = cutIntoChunks(files).map((chunk, index) => ({
    kind: 'count' as const,
    step: `count-${index + 1}`,
    input: inputOf(root, chunk),
  }))
  return [...counts, ...mergeTree(counts.map(({ step }) => step))]
}
