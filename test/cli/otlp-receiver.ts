import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface OtlpAttribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}

/** A span as JSON of OTLP tells it. */
interface OtlpSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes: readonly OtlpAttribute[]
}

interface OtlpDocument {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[]
  }[]
}

/** A collector of traces on loopback that takes JSON of OTLP over HTTP. */
export interface OtlpReceiver {
  readonly url: string
  readonly spans: readonly OtlpSpan[]
  /** Which path, type and service each document came with. */
  readonly origins: ReadonlySet<string>
  close(): Promise<void>
}

/** Opens a collector on a free port. */
export async function openOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: OtlpSpan[] = []
  const origins = new Set<string>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString()) as OtlpDocument
      for (const { resource, scopeSpans } of resourceSpans) {
        const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue
        const region = resource.attributes.find(({ key }) => key === 'region')?.value.stringValue
        origins.add(`${request.url} ${request.headers['content-type']} ${service} ${region}`)
        spans.push(...scopeSpans.flatMap((scope) => scope.spans))
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    origins,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
