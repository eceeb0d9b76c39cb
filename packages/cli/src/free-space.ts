import { statfs } from 'node:fs/promises'

/** Less than this is too little for the streams of a broker: their bounds add up to more. */
export const freeBytesMin = 1_024 ** 3

/** What this user may still write somewhere. */
export interface FreeSpace {
  readonly bytes: number
  /** New files; undefined on a file system that does not count them. */
  readonly files: number | undefined
}

/** What this user may still write where a folder is. */
export async function freeSpaceOf(folder: string): Promise<FreeSpace> {
  const { bavail, bsize, files, ffree } = await statfs(folder)
  return { bytes: bavail * bsize, files: files === 0 ? undefined : ffree }
}

/** Bytes that this user may still write where a folder is. */
export const freeBytesOf = async (folder: string): Promise<number> => (await freeSpaceOf(folder)).bytes

/** Bytes as a person reads them: `0.4 GiB`. */
export const gibibytes = (bytes: number): string => `${(bytes / 1_024 ** 3).toFixed(1)} GiB`
