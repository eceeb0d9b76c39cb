import { context, propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'

/** Takes an SDK out of this process again, whoever registered it. */
export function unregisterSdk(): void {
  for (const part of [trace, context, propagation]) part.disable()
}

/** An SDK that is registered in this process and keeps its spans. */
export class RecordingSdk {
  readonly #exporter = new InMemorySpanExporter()

  constructor() {
    new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#exporter)] }).register()
  }

  /** All spans that have ended, in the order in which they did. */
  get spans(): readonly ReadableSpan[] {
    return this.#exporter.getFinishedSpans()
  }

  /** The spans of one name, in the order in which they ended. */
  named(name: string): readonly ReadableSpan[] {
    return this.spans.filter((span) => span.name === name)
  }

  /** Each span as `name < name of its parent`, in order of names; one without a parent is alone. */
  tree(): string[] {
    const names = new Map(this.spans.map((span) => [span.spanContext().spanId, span.name]))
    return this.spans
      .map(({ name, parentSpanContext }) => {
        if (parentSpanContext === undefined) return name
        return `${name} < ${names.get(parentSpanContext.spanId) ?? 'unknown'}`
      })
      .sort()
  }

  /** The traces that the spans belong to. */
  get traces(): ReadonlySet<string> {
    return new Set(this.spans.map((span) => span.spanContext().traceId))
  }
}
