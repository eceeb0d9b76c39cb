import type { Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CoveyError } from '@covey/protocol'

/** Where a server is to listen. */
export interface HttpPlace {
  /** What is served, for the words of an error. */
  readonly what: string
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Hears what goes wrong once it listens; without it that is an uncaught error, as Node has it. */
  readonly onError?: (error: Error) => void
}

/** Answers with a word. */
export function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}

/** Makes a server listen, and gives its port. Rejects `invalid_options` where it cannot. */
export async function httpPort(server: Server, { what, host, port, onError }: HttpPlace): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => {
        server.off('error', reject)
        if (onError !== undefined) server.on('error', onError)
        resolve()
      })
    })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const mend =
      code === 'EADDRINUSE'
        ? 'choose another port, or let a free one be taken'
        : 'choose another host or port'
    throw new CoveyError('invalid_options', `${what} cannot listen on ${host}:${port}: ${message}`, {
      address: `${host}:${port}`,
      mend,
      cause,
    })
  }
  return (server.address() as AddressInfo).port
}
