import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, runNode, seconds } from '../processes.mjs'

const remedies = [
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET/,
    'the registry cannot be reached: check the network, `npm config get registry` and `npm config get proxy`',
  ],
  [/E401|E403|ENEEDAUTH/, 'the registry refuses this user: check `npm config get registry` and `npm login`'],
  [/ENOSPC/, 'the disk is full: free some space and start again'],
  [
    /EACCES|EPERM|EROFS/,
    'a folder is not writable: check who owns this checkout and the folder `npm config get cache`',
  ],
]

const readJson = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined)

const sameDependencies = (locked, manifest) =>
  ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].every((kind) => {
    const wanted = Object.entries(manifest?.[kind] ?? {})
    const known = locked[kind] ?? {}
    return (
      wanted.length === Object.keys(known).length && wanted.every(([name, range]) => known[name] === range)
    )
  })

const fits = (list, value) =>
  list === undefined ||
  list.includes(value) ||
  list.every((name) => name.startsWith('!') && name !== `!${value}`)

/** True when what npm noted as installed is there, is for this platform, and is what the lock file asks for. */
const isInstalled = (root) => {
  const lock = readJson(join(root, 'package-lock.json'))?.packages
  const installed = readJson(join(root, 'node_modules/.package-lock.json'))?.packages
  if (lock === undefined || installed === undefined) return false
  const asked = Object.entries(lock).every(([path, entry]) => {
    if (!path.includes('node_modules/'))
      return sameDependencies(entry, readJson(join(root, path, 'package.json')))
    const found = installed[path]
    return found === undefined
      ? entry.optional === true || entry.peer === true
      : found.version === entry.version
  })
  return (
    asked &&
    Object.entries(installed).every(
      ([path, entry]) =>
        existsSync(join(root, path, 'package.json')) &&
        fits(entry.os, process.platform) &&
        fits(entry.cpu, process.arch),
    )
  )
}

const runNpm = (root, command) => {
  const args = [command, '--include=dev', '--no-audit', '--no-fund', '--prefer-offline']
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return runNode(script, args, { cwd: root })
  return process.platform === 'win32'
    ? run('cmd.exe', ['/d', '/c', 'npm', ...args], { cwd: root })
    : run('npm', args, { cwd: root })
}

const explain = ({ code, output }) => {
  const remedy = remedies.find(([pattern]) => pattern.test(output))?.[1]
  const shown = output.trim().split('\n').slice(-30).join('\n')
  const advice = code === 127 ? 'npm was not found: it comes with Node, install Node again' : remedy
  return `the dependencies could not be installed (npm ended with ${code})\n${shown}\nWhat to do: ${advice ?? 'run `npm install` by hand and read its log'}`
}

/** Installs what package-lock.json names, unless all of it is there. */
export const ensureDependencies = async (root, say) => {
  if (isInstalled(root)) return
  say('installing dependencies from the npm registry')
  // A first installation takes the lock file by its word. Where the lock does not know this platform's binaries
  // `npm ci` fails, and `npm install` finds them; it also mends a folder without removing it first.
  const first = existsSync(join(root, 'node_modules')) ? undefined : await runNpm(root, 'ci')
  const result = first?.code === 0 ? first : await runNpm(root, 'install')
  if (result.code !== 0) throw new Error(explain(result))
  say(`dependencies are installed (${seconds(result.elapsedMs)})`)
}
