import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Clock } from '@covey/transport'
import { type PeerPackage, packagesText } from './peer-package.js'

/** Says that everything of an installation is there: npm may have been ended half-way. */
const markFile = 'installed.json'
const installDeadlineMs = 300_000
const reasonMax = 200
const outputMax = 20_000

/** How npm is run; another one in tests. Resolves with its exit code and all that it said. */
export type RunNpm = (
  args: readonly string[],
  cwd: string,
) => Promise<{ readonly code: number; readonly output: string }>

/** How the installation of a peer ended. */
export type Installed = { readonly kind: 'there' } | { readonly kind: 'failed'; readonly reason: string }

/** What an installation is made with. */
export interface InstallOptions {
  readonly runNpm: RunNpm
  readonly say: (text: string) => void
}

/** npm by the way in which this process was started by it, else the one on the PATH. */
function npmCommand(): readonly [string, ...string[]] {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, script]
  return process.platform === 'win32' ? ['cmd.exe', '/d', '/c', 'npm'] : ['npm']
}

/** npm as it is on this machine; one that hangs is ended. */
export const systemNpm =
  (clock: Clock): RunNpm =>
  (args, cwd) =>
    new Promise((resolve) => {
      const [command, ...first] = npmCommand()
      const child = spawn(command, [...first, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      const take = (part: Buffer): void => {
        output = (output + part.toString()).slice(-outputMax)
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      const timer = clock.setTimeout(() => {
        output = `npm error was not done within ${installDeadlineMs} ms`
        child.kill('SIGKILL')
      }, installDeadlineMs)
      const end = (code: number): void => {
        clock.clearTimeout(timer)
        resolve({ code, output })
      }
      child.on('error', (error) => {
        output = error.message
        end(127)
      })
      child.on('close', (code) => end(code ?? 1))
    })

/** The line of npm's words that says what was wrong. */
export function npmReason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim())
  const errors = lines.flatMap((line) => /^npm (?:ERR!|error) (.+)/.exec(line)?.[1] ?? [])
  const telling = errors.find((line) => !/^(?:code|errno|syscall|A complete log)\b/.test(line))
  const last = lines.filter((line) => line !== '').at(-1)
  return (telling ?? last ?? 'npm said nothing').slice(0, reasonMax)
}

async function markOf(folder: string): Promise<string | undefined> {
  try {
    return await readFile(join(folder, markFile), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Installs a peer by npm into a folder of its own, unless it is there in these very versions, and says so first. */
export async function installPeer(peer: PeerPackage, { runNpm, say }: InstallOptions): Promise<Installed> {
  const { name, folder, packages } = peer
  const wanted = JSON.stringify(packages)
  if ((await markOf(folder)) === wanted) return { kind: 'there' }
  say(
    `${name} is missing: installing ${packagesText(peer)} from the npm registry into ${relative('.', folder)}`,
  )
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const manifest = { private: true, dependencies: packages }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  // No script of theirs is run, and `--prefix` keeps npm from taking the project around it for the one that is meant.
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
  const { code, output } = await runNpm(['install', ...flags], folder)
  if (code !== 0) return { kind: 'failed', reason: npmReason(output) }
  await writeFile(join(folder, markFile), wanted)
  return { kind: 'there' }
}
