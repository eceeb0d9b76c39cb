import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { CoveyError } from '@covey/protocol'
import type { ConnectionOptions } from 'nats'

/** Who a process is to the broker. Files are read at every dial, so that one that is replaced counts from then on. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  | { readonly token: string }
  | { readonly credsFile: string }
  | { readonly nkeyFile: string }

/** How a process and the broker know each other over TLS: files of PEM, read at every dial. */
export interface Tls {
  /** Authorities that may have signed the broker's certificate. Default: those of the machine. */
  readonly caFile?: string
  /** The certificate of this process and its key, for a broker that verifies it. Default: none. */
  readonly certFile?: string
  readonly keyFile?: string
}

/** What a broker may want of who dials it. */
export interface BrokerAccess {
  readonly credentials?: Credentials
  readonly tls?: Tls
}

/** Credentials in a file: plain data, since functions do not go to the thread of a pulse. */
interface SecretFile {
  readonly kind: 'creds' | 'nkey'
  readonly path: string
}

/** Options of a connection that are plain data. */
export interface PlainConnection extends ConnectionOptions {
  readonly secretFile?: SecretFile
}

function authentication(credentials: Credentials | undefined): PlainConnection {
  if (credentials === undefined) return {}
  if ('token' in credentials) return { token: credentials.token }
  if ('credsFile' in credentials) return { secretFile: { kind: 'creds', path: credentials.credsFile } }
  if ('nkeyFile' in credentials) return { secretFile: { kind: 'nkey', path: credentials.nkeyFile } }
  return { user: credentials.user, pass: credentials.password }
}

/** `tls://` asks for TLS as options of it do: without, the client would speak in plain to who offers none. */
const isSecure = (server: string): boolean => /^tls:\/\//i.test(server)

/** What a connection is told of who dials, and of TLS. */
export const accessOptions = (
  servers: readonly string[],
  { credentials, tls }: BrokerAccess,
): PlainConnection => ({
  ...authentication(credentials),
  ...(tls === undefined && !servers.some(isSecure) ? {} : { tls: { ...tls } }),
})

const refuse = (address: string, why: string, mend: string, cause?: unknown): never => {
  throw new CoveyError('invalid_options', why, { address, mend, ...(cause === undefined ? {} : { cause }) })
}

function readPem(path: string | undefined, what: string): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (cause) {
    return refuse(
      path,
      `${what} cannot be read: ${(cause as Error).message}`,
      'name a file that is there',
      cause,
    )
  }
}

function refuseTls({ caFile, certFile, keyFile }: Tls): void {
  const [ca, cert, key] = [
    readPem(caFile, 'the authorities of TLS (caFile)'),
    readPem(certFile, 'the certificate of TLS (certFile)'),
    readPem(keyFile, 'the key of TLS (keyFile)'),
  ]
  if ((cert === undefined) !== (key === undefined)) {
    refuse('tls', 'a certificate and its key go together', 'give certFile and keyFile, or neither')
  }
  try {
    createSecureContext({ ca, cert, key })
  } catch (cause) {
    const why = `files of TLS do not fit: ${(cause as Error).message}`
    refuse('tls', why, 'give the key of that certificate, and files of PEM', cause)
  }
}

/** Throws `invalid_options` for files that are not there or do not fit: what a dial would only say as a broker that is not there. */
export function refuseAccess({ credentials, tls }: BrokerAccess): void {
  const { secretFile } = authentication(credentials)
  readPem(secretFile?.path, 'the file of credentials')
  if (tls !== undefined) refuseTls(tls)
}
