import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, seconds } from '../processes.mjs'

const byHand = [
  'nats-server is missing, and this machine does not let the set-up install it. What to do:',
  '  Debian, Ubuntu  sudo apt-get install -y nats-server',
  '  macOS           brew install nats-server',
  '  Windows         choco install nats-server, or https://github.com/nats-io/nats-server/releases',
  'or name the binary in COVEY_NATS_SERVER. `--transport memory` needs none. Going on without it.',
].join('\n')

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // It is not there, or not for us: both mean that it cannot be run.
  }
}

const onPath = (name) => {
  const fileName = process.platform === 'win32' ? `${name}.exe` : name
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder || '.', fileName))
    .find(isProgram)
}

const findBroker = () => onPath('nats-server') ?? ['/usr/sbin/nats-server'].find(isProgram)

/** The words before a command that make it run as root; undefined where nobody may without a password. */
const asRoot = async () => {
  if (process.getuid?.() === 0) return []
  return onPath('sudo') && (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : undefined
}

const installDebian = async (prefix, say) => {
  say(
    'nats-server is missing: installing the Debian package nats-server with apt-get (about 11 MB), its service stays off',
  )
  const root = (...words) => {
    const [command, ...args] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', ...words]
    return run(command, args)
  }
  const update = () => root('apt-get', 'update', '-q')
  // A masked unit is neither started by the installation nor at the next boot: Covey starts its own child.
  if (existsSync('/run/systemd/system')) await root('systemctl', 'mask', 'nats-server.service')
  const install = () =>
    root(
      'apt-get',
      'install',
      '-y',
      '-q',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=120',
      'nats-server',
    )
  const known = /Candidate: \d/.test((await run('apt-cache', ['policy', 'nats-server'])).output)
  if (!known) await update()
  const first = await install()
  if (first.code === 0 || !known) return first
  await update() // The lists name a version that the mirror no longer has.
  return install()
}

const installHomebrew = (say) => {
  say('nats-server is missing: installing it with `brew install nats-server`, its service stays off')
  return run('brew', ['install', 'nats-server'], { env: { ...process.env, HOMEBREW_NO_AUTO_UPDATE: '1' } })
}

const install = async (say) => {
  if (process.platform === 'darwin' && onPath('brew')) return installHomebrew(say)
  const prefix = onPath('apt-get') ? await asRoot() : undefined
  return prefix && installDebian(prefix, say)
}

/**
 * Finds nats-server or installs it. Where that is not possible it says what to do and goes on, because not every
 * command needs a broker, and the one that does fails with its own words.
 */
export const ensureBroker = async (say) => {
  const named = process.env.COVEY_NATS_SERVER
  if (named !== undefined) {
    if (!isProgram(named)) say(`COVEY_NATS_SERVER names ${named}, which is no program that this user can run`)
    return
  }
  if (findBroker()) return
  const result = await install(say)
  if (result === undefined) say(byHand)
  else if (result.code === 0 && findBroker()) say(`nats-server is installed (${seconds(result.elapsedMs)})`)
  else say(`${result.output.trim().split('\n').slice(-10).join('\n')}\n${byHand}`)
}
