import { run, seconds } from '../processes.mjs'
import { installDebian } from './debian.mjs'
import { isProgram, onPath } from './programs.mjs'

const byHand = [
  'nats-server is missing, and this machine does not let the set-up install it. What to do:',
  '  Debian, Ubuntu  sudo apt-get install -y nats-server',
  '  macOS           brew install nats-server',
  '  Windows         choco install nats-server, or https://github.com/nats-io/nats-server/releases',
  'or name the binary in COVEY_NATS_SERVER. `--transport memory` needs none. Going on without it.',
].join('\n')

const findBroker = () => onPath('nats-server') ?? ['/usr/sbin/nats-server'].find(isProgram)

const installHomebrew = (say) => {
  say('nats-server is missing: installing it with `brew install nats-server`, its service stays off')
  return run('brew', ['install', 'nats-server'], { env: { ...process.env, HOMEBREW_NO_AUTO_UPDATE: '1' } })
}

const install = async (say) => {
  if (process.platform === 'darwin' && onPath('brew')) return installHomebrew(say)
  return installDebian('nats-server', {
    say,
    about: 'about 11 MB), its service stays off',
    service: 'nats-server.service',
  })
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
