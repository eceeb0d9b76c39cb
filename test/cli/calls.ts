import { runCli } from '../../packages/cli/src/run-cli.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

/** One call of the command that has ended. */
export interface EndedCall {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** One call of the command, in this process, that may still run. */
export interface Call {
  readonly terminal: RecordedTerminal
  readonly ended: Promise<EndedCall>
}

/** Begins a call in a folder. */
export function beginCall(folder: string, ...args: string[]): Call {
  const terminal = recordTerminal(folder)
  const ended = runCli(args, terminal).then((code) => ({
    code,
    stdout: terminal.printed.join('\n'),
    stderr: terminal.said.join('\n'),
  }))
  return { terminal, ended }
}

/** Calls the command in a folder and waits for its end. */
export const callCovey = (folder: string, ...args: string[]): Promise<EndedCall> =>
  beginCall(folder, ...args).ended

/** Calls the command with `--json` and reads its document. */
export async function documentOf<Document>(folder: string, ...args: string[]): Promise<Document> {
  const { code, stdout, stderr } = await callCovey(folder, ...args, '--json')
  if (stdout === '') throw new Error(`covey ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as Document
}

/** Looks again and again until something is there. Throws after `deadlineMs` what it was that did not come. */
export async function eventually<Found>(
  what: string,
  look: () => Found | undefined | false | Promise<Found | undefined | false>,
  deadlineMs = 30_000,
): Promise<Found> {
  const giveUpAt = performance.now() + deadlineMs
  while (performance.now() < giveUpAt) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${what}: not within ${deadlineMs} ms`)
}
