import type { Random } from '@covey/transport'
import { maskedFrame } from './raw-page.js'

const questions: readonly object[] = [
  { type: 'actor.get', key: 'm1/1/manager' },
  { type: 'jobs.list' },
  { type: 'job.get', job: 'nobody' },
  { type: 'log.page', shard: 0, from: 1, count: 5 },
  { type: 'log.fold', shard: 0, sequence: 1 },
  { type: 'job.cancel', job: 'nobody', reason: 'fuzzed' },
  { type: 'node.leave', node: 'ghost', generation: 1, reason: 'maintenance' },
]

const oddValues: readonly unknown[] = [
  ...[null, true, -1, 0.5, 1e308, Number.MAX_SAFE_INTEGER, '', ' ', '../..', '\u0000', '\ud800', '__proto__'],
  ...['x'.repeat(500), [], {}, [[[[[[]]]]]], { toString: 1 }, { length: -1 }, ['m1']],
]

const oddTexts: readonly string[] = [
  ...['', '{', 'null', '[]', '"x"', '1e999', 'undefined', '{"id":1,"id":2}', '\u0000', '\ufeff{}'],
  ...['{"__proto__":{"id":1}}', `${'['.repeat(5_000)}`, `${'{"a":'.repeat(3_000)}1${'}'.repeat(3_000)}`],
]

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI', 'get', 'X', '']
const paths = [
  ...['/metrics', '/metrics?token=%ff', '/ready', 'http://[/', '//['],
  ...[
    '/',
    '/index.html',
    '/live',
    '/live?token=',
    '/live?%',
    '//',
    '/..',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
  ],
  ...[
    '/%',
    '/%00',
    '/%c0%ae%c0%ae/secret.txt',
    '/\\..\\secret.txt',
    '/./../secret.txt',
    '*',
    'http://evil.example/',
  ],
  ...['/index.html/', '/\u00ff', `/${'a'.repeat(3_000)}`, `/${'a'.repeat(20_000)}`, '', ' ', '/?a=%ff#'],
]
const hosts = [
  '127.0.0.1',
  'localhost',
  'evil.example',
  '',
  '[::1',
  '[::1]',
  '127.0.0.1:99999999',
  'a\u0000b',
  '%',
]
const versions = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/x', '']
const headers = [
  ...[
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Connection: Upgrade',
    'Connection: close',
    'Connection: keep-alive',
  ],
  ...[
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Version: 99',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  ...[
    'Sec-WebSocket-Key: short',
    'Sec-WebSocket-Extensions: permessage-deflate; x="',
    'Sec-WebSocket-Protocol: ,,',
  ],
  ...[
    'Origin: null',
    'Origin: http://evil.example',
    'Content-Length: 5',
    'Content-Length: -1',
    'Expect: 100-continue',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Range: bytes=9-1',
    'If-None-Match: *',
    'Authorization: Bearer x',
    'Cookie: a',
  ],
  ...['Accept-Encoding: br', ': nothing', 'No colon', 'X: \u0001', `X: ${'y'.repeat(9_000)}`, ' folded'],
]

/** Makes bad questions, frames and requests. The same chance gives the same ones. */
export class PageMutator {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  chance(part: number): boolean {
    return this.#random.next() < part
  }

  /** The text of a question under a number: valid, spoilt, or nothing of the kind. */
  question(id: number): string {
    const chance = this.#random.next()
    if (chance < 0.1) return this.#one(oddTexts)
    const question: Record<string, unknown> = { id, ...this.#one(questions) }
    if (chance < 0.3) return JSON.stringify(question)
    if (chance < 0.4) return JSON.stringify(question).slice(0, -1 - this.#below(20))
    if (chance < 0.45) return JSON.stringify({ ...question, more: 'x'.repeat(20_000) })
    const key = this.#one(Object.keys(question))
    if (chance < 0.5) delete question[key]
    else question[key] = this.#one(oddValues)
    return JSON.stringify(question)
  }

  /** Bytes that are no frame, or half of one, or one that no client may send. */
  nonsense(): Buffer {
    const good = maskedFrame(1, Buffer.from(JSON.stringify({ id: 1, type: 'jobs.list' })))
    const chance = this.#random.next()
    if (chance < 0.25) return good.subarray(0, this.#below(good.length))
    if (chance < 0.5) return this.#flipped(good)
    if (chance < 0.7) return this.#noise(this.#below(300))
    if (chance < 0.8) return maskedFrame(this.#below(16), this.#noise(this.#below(200)), this.chance(0.5))
    if (chance < 0.9) return Buffer.from([0x81, 0xff, ...this.#noise(8), 1, 2, 3, 4])
    return Buffer.concat(Array.from({ length: 50 }, () => maskedFrame(9, this.#noise(125))))
  }

  /** A request, head and perhaps a body, as no browser would send it. */
  request(port: number): Buffer {
    const host = this.chance(0.6) ? `Host: 127.0.0.1:${port}` : `Host: ${this.#one(hosts)}`
    const line = `${this.chance(0.6) ? 'GET' : this.#one(methods)} ${this.#one(paths)} ${this.chance(0.8) ? 'HTTP/1.1' : this.#one(versions)}`
    const more = Array.from({ length: this.#below(6) }, () => this.#one(headers))
    const lines = [line, ...(this.chance(0.9) ? [host] : []), ...more]
    const head = Buffer.from(`${lines.join(this.chance(0.9) ? '\r\n' : '\n')}\r\n\r\n`, 'latin1')
    const request = this.chance(0.3) ? Buffer.concat([head, this.#noise(this.#below(100))]) : head
    const chance = this.#random.next()
    if (chance < 0.15) return request.subarray(0, this.#below(request.length))
    return chance < 0.3 ? this.#flipped(request) : request
  }

  #below(bound: number): number {
    return Math.floor(this.#random.next() * bound)
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }

  #noise(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#below(256)))
  }

  #flipped(bytes: Buffer): Buffer {
    const flipped = Buffer.from(bytes)
    for (let count = 1 + this.#below(4); count > 0; count -= 1)
      flipped[this.#below(flipped.length)] = this.#below(256)
    return flipped
  }
}
