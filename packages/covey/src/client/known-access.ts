import { CoveyError } from '@covey/protocol'
import type { BrokerAccess, Credentials, Tls } from '@covey/transport'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'

type CredentialNames = Credentials extends infer One ? (One extends unknown ? keyof One : never) : never

const knownCredentials: KnownOptions<Record<CredentialNames, unknown>> = {
  ...{ user: true, password: true, token: true, credsFile: true, nkeyFile: true },
}

const knownTls: KnownOptions<Tls> = { caFile: true, certFile: true, keyFile: true }

/** The sets of texts that are credentials. */
const wholes = ['user password', 'token', 'credsFile', 'nkeyFile']

/** Those that are not whole: the broker would only say that it refuses them, or ask for none. */
function refuseCredentials(address: string, credentials: Credentials): void {
  refuseUnknownOptions(address, credentials, knownCredentials)
  const given = Object.entries(credentials).filter(([, value]) => value !== undefined)
  const names = Object.keys(knownCredentials).filter((name) => given.some(([key]) => key === name))
  if (wholes.includes(names.join(' ')) && given.every(([, value]) => typeof value === 'string')) return
  throw new CoveyError(
    'invalid_options',
    `${address}: neither a user with a password nor a token nor a file`,
    {
      address,
      mend: 'give { user, password }, { token }, { credsFile } or { nkeyFile }',
    },
  )
}

function refuseTls(address: string, tls: Tls): void {
  refuseUnknownOptions(address, tls, knownTls)
  for (const [option, value] of Object.entries(tls)) {
    if (value === undefined || typeof value === 'string') continue
    const mend = 'give the path of a file of PEM'
    throw new CoveyError('invalid_options', `${address}: ${option} is no path`, { address, mend })
  }
}

/**
 * Throws `invalid_options` for credentials and options of TLS that nobody knows, or that are not whole.
 * @param where what they were given to: `connect`
 */
export function refuseAccess(where: string, { credentials, tls }: BrokerAccess): void {
  if (credentials !== undefined) refuseCredentials(`${where}.credentials`, credentials)
  if (tls !== undefined) refuseTls(`${where}.tls`, tls)
}
