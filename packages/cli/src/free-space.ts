import { statfs } from 'node:fs/promises'

/** Less than this is too little for the streams of a broker: their bounds add up to more. */
export const freeBytesMin = 1_024 ** 3

/** Bytes that this user may still write where a folder is. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Bytes as a person reads them: `0.4 GiB`. */
export const gibibytes = (bytes: number): string => `${(bytes / 1_024 ** 3).toFixed(1)} GiB`
