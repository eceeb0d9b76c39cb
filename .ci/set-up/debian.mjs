import { existsSync } from 'node:fs'
import { run } from '../processes.mjs'
import { onPath } from './programs.mjs'

/** The words before a command that make it run as root; undefined where nobody may without a password. */
const asRoot = async () => {
  if (process.getuid?.() === 0) return []
  return onPath('sudo') && (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : undefined
}

/**
 * Installs a package with apt-get, and says first what it installs; `about` ends that sentence. A `service` that would
 * come with it is kept from starting. Answers undefined where there is no apt-get, or this user may not use it.
 */
export const installDebian = async (name, { say, about, service }) => {
  const prefix = onPath('apt-get') ? await asRoot() : undefined
  if (prefix === undefined) return undefined
  say(`${name} is missing: installing the Debian package ${name} with apt-get (${about}`)
  const root = (...words) => {
    const [command, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', ...words]
    return run(command, args)
  }
  const update = () => root('apt-get', 'update', '-q')
  // A masked unit is neither started by the installation nor at the next boot: Covey starts its own child.
  if (service && existsSync('/run/systemd/system')) await root('systemctl', 'mask', service)
  const wait = ['-o', 'DPkg::Lock::Timeout=120']
  const install = () => root('apt-get', 'install', '-y', '-q', '--no-install-recommends', ...wait, name)
  const known = /Candidate: \d/.test((await run('apt-cache', ['policy', name])).output)
  if (!known) await update()
  const first = await install()
  if (first.code === 0 || !known) return first
  await update() // The lists name a version that the mirror no longer has.
  return install()
}
