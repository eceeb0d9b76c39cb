import { CoveyError } from '@covey/protocol'
import { AuthorizationError, TimeoutError } from 'nats'
import { shownAddress } from './shown-address.js'

/** What to do where nobody answers, for who knows nothing better. */
export const startBrokerMend = 'start nats-server there, or let `covey up` start one'

/** What OpenSSL or Node call what went wrong with TLS; undefined for any other error. */
function tlsCodeOf(error: unknown): string | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string' && /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_|ERR_SSL|ERR_TLS/.test(code))
    return code
  return cause instanceof Error ? tlsCodeOf(cause) : undefined
}

const distrustMends: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'renew the certificate of the server; or set the clock of this machine',
  CERT_NOT_YET_VALID: 'set the clock of this machine; or wait until the certificate counts',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'name the server as its certificate does, or give it a certificate that names this address (subjectAltName)',
}

const trustMend =
  'name its authority: `tls: { caFile }` of connect or startNode, COVEY_TLS_CA of the command, or NODE_EXTRA_CA_CERTS'

/** The other side wants a certificate of this process, or another one. Some say so, some only hang up. */
export function refusedTlsError(servers: readonly string[], cause: unknown): CoveyError {
  const address = servers.map(shownAddress).join(', ')
  return new CoveyError(
    'permission_denied',
    `the broker at ${address} refuses the TLS of this process${reasonOf(cause)}`,
    {
      address,
      mend: 'give a certificate that its authority has signed: `tls: { certFile, keyFile }` of connect or startNode, COVEY_TLS_CERT and COVEY_TLS_KEY of the command',
      cause,
    },
  )
}

const distrustError = (address: string, code: string, cause: unknown): CoveyError =>
  new CoveyError('unreachable', `the certificate of ${address} is not trusted: ${code}`, {
    address,
    mend: distrustMends[code] ?? trustMend,
    cause,
  })

/** Why in a word: more of an error may quote a password. */
function reasonOf(error: unknown): string {
  if (error instanceof TimeoutError) return ': it was silent'
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (cause instanceof Error) return reasonOf(cause)
  return typeof code === 'string' ? `: ${code}` : ''
}

/** The client has no code for it. */
const isPlainBroker = (error: unknown): boolean =>
  error instanceof Error && error.message.includes("does not support 'tls'")

/** What is wrong where somebody answers a dial and refuses it, where, and what to do; undefined where nobody does. */
export function refusalOf(servers: readonly string[], error: unknown): CoveyError | undefined {
  const address = servers.map(shownAddress).join(', ')
  if (error instanceof AuthorizationError) {
    return new CoveyError('permission_denied', `the broker at ${address} refuses these credentials`, {
      address,
      mend: 'pass what the server is configured with: `credentials` of connect or startNode; COVEY_USER and COVEY_PASSWORD, COVEY_TOKEN, COVEY_CREDS or COVEY_NKEY of the command',
      cause: error,
    })
  }
  if (isPlainBroker(error)) {
    return new CoveyError('unreachable', `the broker at ${address} speaks no TLS`, {
      address,
      mend: 'configure `tls` there; or leave out tls:// and the options of TLS, on a network that you trust',
      cause: error,
    })
  }
  const code = tlsCodeOf(error)
  // An alert is what the other side has said.
  if (code?.includes('ALERT')) return refusedTlsError(servers, error)
  return code === undefined ? undefined : distrustError(address, code, error)
}

/** What a first dial ended with: what is wrong, where, and what to do. */
export function dialError(servers: readonly string[], error: unknown): CoveyError {
  const refusal = refusalOf(servers, error)
  if (refusal !== undefined) return refusal
  const address = servers.map(shownAddress).join(', ')
  return new CoveyError('unreachable', `no broker answers at ${address}${reasonOf(error)}`, {
    address,
    mend: startBrokerMend,
    // An error of parsing an address quotes all of it.
    ...(address === servers.join(', ') ? { cause: error } : {}),
  })
}
