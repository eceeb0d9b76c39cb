import { createHash } from 'node:crypto'
import { nkeys } from 'nats'

type KeyPair = ReturnType<typeof nkeys.createUser>

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token of version 2, as the tools of NATS write them. */
function signedBy(issuer: KeyPair, subject: KeyPair, name: string, nats: object): string {
  const claims = { iat: 1, iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name, nats }
  const jti = createHash('sha256').update(JSON.stringify(claims)).digest('hex')
  const text = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded({ ...claims, jti })}`
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`
}

const unlimited = {
  ...{ subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
  ...{ mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 },
}

/** Who says which accounts there are, and by whose word users of them come in: without a password that a server knows. */
export class Operator {
  readonly #operator = nkeys.createOperator()
  readonly #account = nkeys.createAccount()
  readonly #system = nkeys.createAccount()

  /** For `nats.conf`: one account with JetStream, and that of the system. */
  get config(): string {
    const token = signedBy(this.#operator, this.#operator, 'operator', { type: 'operator', version: 2 })
    const accountOf = (account: KeyPair, limits: object): string =>
      `${account.getPublicKey()}: ${signedBy(this.#operator, account, 'account', { limits, type: 'account', version: 2 })}`
    const { mem_storage, disk_storage, streams, consumer, ...withoutStore } = unlimited
    return [
      `operator: ${token}`,
      `system_account: ${this.#system.getPublicKey()}`,
      'resolver: MEMORY',
      `resolver_preload: { ${accountOf(this.#account, unlimited)}\n${accountOf(this.#system, withoutStore)} }\n`,
    ].join('\n')
  }

  /** The file of a user of that account; of a stranger where another one signs it. */
  creds(signer: Operator = this): string {
    const user = nkeys.createUser()
    const nats = { subs: -1, data: -1, payload: -1, type: 'user', version: 2 }
    const token = signedBy(signer.#account, user, 'user', nats)
    const seed = new TextDecoder().decode(user.getSeed())
    const part = (kind: string, text: string): string =>
      `-----BEGIN ${kind}-----\n${text}\n------END ${kind}------\n\n`
    return part('NATS USER JWT', token) + part('USER NKEY SEED', seed)
  }
}
