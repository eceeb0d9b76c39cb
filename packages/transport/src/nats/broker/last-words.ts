import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '@covey/protocol'

/** The file of a data folder that takes what its brokers say, one after the other. */
export const wordsFile = 'nats-server.log'

/** Of the server, of the language that it is written in, or of its guard. */
const complaint = /\[(?:FTL|ERR)\]|^(?:panic|fatal error): |^nats-server was ended by /
/** Who says it and when: of no use to a reader who has only these lines. */
const preface = /^\[\d+\] [\d/]+ [\d:.]+ /

/**
 * What explains the end of a broker in what it said: its fatal and error lines. One that complained of nothing, or not
 * in that form, is quoted with its last lines.
 */
export function pickLastWords(words: string): string {
  const lines = words.split('\n').filter((line) => line.trim() !== '')
  const complaints = lines.filter((line) => complaint.test(line))
  return (complaints.length > 0 ? complaints : lines)
    .slice(-limits.brokerLastLinesMax)
    .map((line) => line.replace(preface, ''))
    .join('\n')
    .slice(-limits.brokerLastWordsMax)
}

/** How much has been said in a folder so far: what follows is the next broker's. */
export async function countWords(dataDir: string): Promise<number> {
  try {
    return (await stat(join(dataDir, wordsFile))).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** The last words of the broker that began to speak after `fromByte`. */
export async function readLastWords(dataDir: string, fromByte: number): Promise<string> {
  try {
    return pickLastWords((await readFile(join(dataDir, wordsFile))).subarray(fromByte).toString())
  } catch (error) {
    return `its words cannot be read: ${String(error)}`
  }
}

/** What to do about a folder that is read-only, full, or not this user's. */
export const writableFolder = 'give this user a data folder with free space that can be written, with --data'

/** What to do about a broker that did not start, by its last words. */
export function adviceOn(words: string, port: number, keptFolder: string | undefined): string {
  if (/address already in use/i.test(words)) {
    return [
      `port ${port} is taken, perhaps by another covey up or by a nats-server of this machine: \`ss -ltnp\` or`,
      '`lsof -i` names the program. End it, choose another port with --port, or leave --port out for a free one',
    ].join(' ')
  }
  if (/permission denied|read-only file system|no space left/i.test(words)) {
    return writableFolder
  }
  const more =
    keptFolder === undefined || words === '' ? '' : `all that it said is in ${join(keptFolder, wordsFile)}; `
  return `${more}covey doctor checks the program and the room on the disk`
}
