import { type IncomingHttpHeaders, request } from 'node:http'

/** What was answered to a request. */
export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Asks with headers that `fetch` would not let anybody choose, on a connection of its own: nothing is kept open after it. */
export const ask = (
  url: string,
  { headers = {}, method = 'GET' }: { headers?: Record<string, string>; method?: string } = {},
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers, method, agent: false }, async (response) => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part as Buffer)
      const text = Buffer.concat(parts).toString()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
    })
    asked.on('error', reject).end()
  })
