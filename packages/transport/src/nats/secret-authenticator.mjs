/** How a connection proves who it is by a file of its own, in the process and in the thread of its pulse alike. */
import { readFileSync } from 'node:fs'
import { credsAuthenticator, nkeyAuthenticator } from 'nats'

/**
 * Options of the client, which knows no files. The file is read at each dial: one that is replaced counts from then on.
 * @param {import('./broker-access.js').PlainConnection} plain
 * @returns {import('nats').ConnectionOptions}
 */
export const withAuthenticator = ({ secretFile, ...options }) => {
  if (secretFile === undefined) return options
  const { kind, path } = secretFile
  return {
    ...options,
    authenticator: (nonce) =>
      kind === 'creds'
        ? credsAuthenticator(readFileSync(path))(nonce)
        : nkeyAuthenticator(new TextEncoder().encode(readFileSync(path, 'utf8').trim()))(nonce),
  }
}
