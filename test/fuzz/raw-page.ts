import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** How long a server has to answer, or to hang up. */
export const answerMs = 10_000

/** How long half of a request is left unanswered before it is given up. */
const silenceMs = 20

const textOpcode = 1
const closeOpcode = 8

/** A length as a client writes it, which has to mask what follows. */
function maskedLength(length: number): Buffer {
  if (length < 126) return Buffer.from([length | 0x80])
  const long = length < 65_536 ? Buffer.alloc(3) : Buffer.alloc(9)
  if (length < 65_536) long.writeUInt16BE(length, 1)
  else long.writeBigUInt64BE(BigInt(length), 1)
  long[0] = (length < 65_536 ? 126 : 127) | 0x80
  return long
}

/** Where the payload of a frame begins, and how long it is; undefined where too little of it has come. */
function extentOf(frame: Buffer): { readonly start: number; readonly length: number } | undefined {
  const short = (frame[1] ?? 0) & 0x7f
  if (frame.length < 2) return undefined
  if (short < 126) return { start: 2, length: short }
  const start = short === 126 ? 4 : 10
  if (frame.length < start) return undefined
  return { start, length: short === 126 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2)) }
}

/** One frame of a WebSocket as a client masks it. */
export function maskedFrame(opcode: number, payload: Uint8Array, isLast = true): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const { length } = payload
  const head = Buffer.concat([Buffer.from([opcode | (isLast ? 0x80 : 0)]), maskedLength(length)])
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([head, mask, masked])
}

/** A text as one frame. */
export const textFrame = (text: string): Buffer => maskedFrame(textOpcode, Buffer.from(text))

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  // A server that hangs up on nonsense may reset the connection: that is an answer.
  socket.on('error', () => socket.destroy())
  socket.setTimeout(answerMs, () => socket.destroy(new Error('no answer')))
  await once(socket, 'connect')
  return socket
}

/**
 * Sends some bytes, hangs up when something has come back or nothing comes, and resolves with all that came until the
 * server has hung up too. Rejects where it does not. Half of a request is not answered: who sends a whole one gives it
 * `patienceMs` of a busy machine.
 */
export async function exchange(port: number, bytes: Uint8Array, patienceMs = silenceMs): Promise<string> {
  const socket = await dial(port)
  const chunks: Buffer[] = []
  let isOverdue = false
  socket.on('timeout', () => {
    isOverdue = true
  })
  // Who hangs up at once is not answered: the server lets go of what it would have read from a file.
  const patience = setTimeout(() => socket.end(), patienceMs)
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    socket.end()
  })
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.write(bytes)
  await closed
  clearTimeout(patience)
  if (isOverdue) throw new Error(`no answer to ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`)
  return Buffer.concat(chunks).toString('latin1')
}

/** A WebSocket to the page's stream that says what it likes. */
export class RawPage {
  /** Answers and refusals so far, by the number of the question. */
  readonly answered = new Set<unknown>()
  /** Why the server has closed it; 0 without a word. */
  closedWith: number | undefined
  readonly #socket: Socket
  #rest: Buffer = Buffer.alloc(0)
  #isUpgraded = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (chunk) => this.#take(chunk))
    socket.on('close', () => {
      this.closedWith ??= 0
    })
  }

  static async open(port: number): Promise<RawPage> {
    const socket = await dial(port)
    const page = new RawPage(socket)
    const headers = ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    const key = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
    socket.write(['GET /live HTTP/1.1', `Host: 127.0.0.1:${port}`, ...headers, key, '', ''].join('\r\n'))
    return page
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes)
  }

  /** Sends nothing more; what has come in by halves has no end. */
  end(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    if (!this.#isUpgraded) {
      const end = this.#rest.indexOf('\r\n\r\n')
      if (end < 0) return
      this.#isUpgraded = true
      this.#rest = this.#rest.subarray(end + 4)
    }
    while (this.#takeFrame());
  }

  /** A server masks nothing and, here, cuts nothing into parts. */
  #takeFrame(): boolean {
    const rest = this.#rest
    const extent = extentOf(rest)
    if (extent === undefined || rest.length < extent.start + extent.length) return false
    const { start, length } = extent
    this.#hear((rest[0] ?? 0) & 0x0f, rest.subarray(start, start + length))
    this.#rest = rest.subarray(start + length)
    return true
  }

  #hear(opcode: number, payload: Buffer): void {
    if (opcode === closeOpcode) this.closedWith = payload.length < 2 ? 0 : payload.readUInt16BE(0)
    if (opcode !== textOpcode) return
    const news = JSON.parse(payload.toString()) as { type: string; id?: unknown }
    if (news.type === 'answer' || news.type === 'refusal') this.answered.add(news.id)
  }
}
