import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CoveyError } from '@covey/protocol'

const packagedBinary = '/usr/sbin/nats-server'

const mend = [
  'get it by one of',
  '  Debian, Ubuntu  sudo apt-get install -y nats-server',
  '  macOS           brew install nats-server',
  '  Windows         choco install nats-server, or https://github.com/nats-io/nats-server/releases',
  'or name the program in COVEY_NATS_SERVER; `--transport memory` needs none',
].join('\n')

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false // Not there, or not for this user to run: either way it is none for us.
  }
}

const candidatesOnPath = (environment: NodeJS.ProcessEnv): string[] => {
  const program = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'
  return (environment.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
}

/**
 * Finds nats-server: the one that is named, else `COVEY_NATS_SERVER`, else on the PATH, else where Debian puts it. One
 * that is named must be there; there is then no search. Throws `broker_missing`, which says how to get one.
 */
export function findBrokerBinary(named?: string, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = named ?? environment.COVEY_NATS_SERVER
  if (chosen !== undefined) {
    if (isProgram(chosen)) return chosen
    throw new CoveyError('broker_missing', `${chosen} is no program that this user can run`, {
      address: chosen,
      mend,
    })
  }
  const found = [...candidatesOnPath(environment), packagedBinary].find(isProgram)
  if (found !== undefined) return found
  throw new CoveyError('broker_missing', 'nats-server is not found on this machine', { mend })
}
