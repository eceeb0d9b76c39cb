import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { CoveyError } from '@covey/protocol'

/** Who may come in. */
export interface HttpDoorOptions {
  /** What is served, for the words of an error. */
  readonly what: string
  /** The address that is listened on. */
  readonly host: string
  /** How a token is given, for the words of an error. */
  readonly tokenBy: string
  /** What a request must show, as `?token=` or as `Authorization: Bearer`. */
  readonly token?: string
}

/** Characters of the shortest token that keeps anybody out. */
const tokenTextMin = 16

const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1'])

/** Whether only this machine reaches what listens there. */
const isLoopback = (host: string): boolean => loopbackHosts.has(host)

/** Throws `invalid_options` where everybody would be let in from elsewhere. */
function refuseOpenDoor({ what, host, token, tokenBy }: HttpDoorOptions): void {
  if (token !== undefined && (token.length < tokenTextMin || !/^[\w.~-]+$/.test(token))) {
    throw new CoveyError(
      'invalid_options',
      `a token has at least ${tokenTextMin} letters, digits, or any of -_.~`,
    )
  }
  if (isLoopback(host) || token !== undefined) return
  throw new CoveyError('invalid_options', `without a token ${what} is not served on ${host}`, {
    address: host,
    mend: `give a token by ${tokenBy}, or leave the host away to serve this machine only`,
  })
}

/** Equal in a time that tells nothing of where two texts differ. */
function isEqual(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}

/** The name of a Host header, without its port and brackets. */
function nameOf(hostHeader: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(hostHeader) ?? []
  return (bracketed ?? plain)?.toLowerCase()
}

const bearerOf = ({ authorization = '' }: IncomingMessage['headers']): string | undefined =>
  /^Bearer (.+)$/i.exec(authorization)?.[1]

/** Looks at every request before anything is done about it. */
export class HttpDoor {
  readonly #options: HttpDoorOptions

  /** Throws as {@link refuseOpenDoor} does. */
  constructor(options: HttpDoorOptions) {
    refuseOpenDoor(options)
    this.#options = options
  }

  /**
   * Why a request is refused. Its Host must be ours: a foreign name that has been led to our address is somebody's page
   * that wants to read us, but beyond loopback any name will do for a scraper that shows the token in a header. Its
   * Origin, where there is one, must be our own page.
   */
  refusalOf({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
    const { host: hostHeader = '', origin } = headers
    const name = nameOf(hostHeader)
    if (name === undefined || !(this.#isOurs(name) || this.#isKnown(headers)))
      return 'the Host header names somebody else'
    if (origin !== undefined && origin.toLowerCase() !== `http://${hostHeader.toLowerCase()}`)
      return 'the request comes from another page'
    return undefined
  }

  /** Whether a request carries the token, where one is needed. */
  hasToken({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): boolean {
    const { token } = this.#options
    if (token === undefined) return true
    return isEqual(bearerOf(headers) ?? new URLSearchParams(url.split('?')[1]).get('token') ?? '', token)
  }

  /** Whether who asks from elsewhere has the token: no page sends this header to another without asking first. */
  #isKnown(headers: IncomingMessage['headers']): boolean {
    const { host, token } = this.#options
    const bearer = bearerOf(headers)
    return !isLoopback(host) && token !== undefined && bearer !== undefined && isEqual(bearer, token)
  }

  #isOurs(name: string): boolean {
    const { host } = this.#options
    if (loopbackHosts.has(name) || name === host.toLowerCase()) return true
    // Elsewhere there is a token, and an address is no name that could lead from one page to another.
    return !isLoopback(host) && isIP(name) !== 0
  }
}
