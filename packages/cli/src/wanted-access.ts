import { CoveyError, isId } from '@covey/protocol'
import type { BrokerAccess, Credentials, Tls } from '@covey/transport'
import type { Terminal } from './terminal.js'

/** How the command is known to a broker, and by which name. */
export interface WantedAccess extends BrokerAccess {
  /** The word of its inbox that a role of `nats.conf` allows: the user, or what `COVEY_NAME` says. */
  readonly name?: string
}

type Variables = Terminal['environment']

const variables = [
  ...['COVEY_USER', 'COVEY_PASSWORD', 'COVEY_TOKEN', 'COVEY_CREDS', 'COVEY_NKEY', 'COVEY_NAME'],
  ...['COVEY_TLS_CA', 'COVEY_TLS_CERT', 'COVEY_TLS_KEY'],
]

/** The environment of a process that dials a broker which asks for nothing, such as that of `covey up`. */
export const withoutAccess = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !variables.includes(name)))

function credentialsOf(environment: Variables): Credentials | undefined {
  const { COVEY_USER: user, COVEY_PASSWORD: password, COVEY_TOKEN: token } = environment
  const { COVEY_CREDS: credsFile, COVEY_NKEY: nkeyFile } = environment
  const ways: Credentials[] = [
    ...(user && password ? [{ user, password }] : []),
    ...(token ? [{ token }] : []),
    ...(credsFile ? [{ credsFile }] : []),
    ...(nkeyFile ? [{ nkeyFile }] : []),
  ]
  if (ways.length <= 1 && !user === !password) return ways[0]
  throw new CoveyError('invalid_options', 'the variables of credentials do not fit together', {
    address: 'COVEY_USER',
    mend: 'set COVEY_USER and COVEY_PASSWORD, or one of COVEY_TOKEN, COVEY_CREDS and COVEY_NKEY',
  })
}

function tlsOf(environment: Variables): Tls | undefined {
  const { COVEY_TLS_CA: caFile, COVEY_TLS_CERT: certFile, COVEY_TLS_KEY: keyFile } = environment
  if (!caFile && !certFile && !keyFile) return undefined
  return {
    ...(caFile ? { caFile } : {}),
    ...(certFile ? { certFile } : {}),
    ...(keyFile ? { keyFile } : {}),
  }
}

function nameOf({ COVEY_NAME: said, COVEY_USER: user }: Variables): string | undefined {
  const name = said || user
  if (!name || isId(name)) return name
  const source = said ? 'COVEY_NAME' : 'COVEY_USER'
  throw new CoveyError('invalid_id', `${source}: ${JSON.stringify(name)} cannot name an inbox`, {
    address: source,
    mend: 'set COVEY_NAME to 1 to 64 of the characters A-Z a-z 0-9 _ -: the word after _INBOX that the broker allows this user',
  })
}

/**
 * What the variables say of how the broker is to know this process, and this process the broker. Variables alone: what
 * stands on a command line can be read by every user of the machine. Throws `invalid_options`.
 */
export function wantedAccess({ environment }: Pick<Terminal, 'environment'>): WantedAccess {
  const credentials = credentialsOf(environment)
  const tls = tlsOf(environment)
  const name = nameOf(environment)
  return {
    ...(credentials === undefined ? {} : { credentials }),
    ...(tls === undefined ? {} : { tls }),
    ...(name ? { name } : {}),
  }
}
