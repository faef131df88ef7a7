import { diag, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, type IdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Logger } from "./logger.ts";
import { createSampler } from "./sampler.ts";
import type { TraceContext } from "./trace-context.ts";
import type { FinishedSpan, Tracing } from "./tracing.ts";

const kinds: Readonly<Record<FinishedSpan["kind"], SpanKind>> = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};
const exportEveryMs = 1_000;
const closeTimeoutMs = 3_000;

/** Sends spans as OTLP over HTTP, in JSON. Loaded only where a collector is set: see tracing.ts. */
export function createOpenTelemetry({ endpoint, logger }: { endpoint: string; logger: Logger }): Tracing {
  // The SDK would make ids of its own; ours were made before, since others had to know them.
  let next: TraceContext | undefined;
  const idGenerator: IdGenerator = {
    generateTraceId: () => next!.traceId,
    generateSpanId: () => next!.spanId,
  };
  const ignore = () => {};
  diag.setLogger({
    error: (message) => logger.warn({ reason: message }, "spans could not be sent"),
    warn: ignore,
    info: ignore,
    debug: ignore,
    verbose: ignore,
  });
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
  const spanProcessor = new BatchSpanProcessor({ exporter, scheduledDelayMillis: exportEveryMs });
  const providers = new Map<string, TracerProvider>();
  /** A resource for each service, so that a service is its own also where all five share a process. */
  const providerOf = (service: string): TracerProvider => {
    let provider = providers.get(service);
    if (!provider) {
      const resource = resourceFromAttributes({ "service.name": service, "service.namespace": "gochat" });
      provider = new TracerProvider({ resource, idGenerator, spanProcessors: [spanProcessor] });
      providers.set(service, provider);
    }
    return provider;
  };

  return {
    samples: createSampler(Date.now),
    record({ service, name, kind, context, parentSpanId, startedAt, endedAt, attributes, failed }) {
      if (!context.sampled) return;
      next = context;
      const parent = parentSpanId
        ? trace.setSpanContext(ROOT_CONTEXT, {
            traceId: context.traceId,
            spanId: parentSpanId,
            traceFlags: TraceFlags.SAMPLED,
            isRemote: true,
          })
        : ROOT_CONTEXT;
      const span = providerOf(service)
        .getTracer("gochat")
        .startSpan(name, { kind: kinds[kind], startTime: startedAt, attributes: { ...attributes } }, parent);
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endedAt);
    },
    async close() {
      const timeout = new Promise<void>((resolve) => setTimeout(resolve, closeTimeoutMs).unref());
      await Promise.race([spanProcessor.shutdown().catch(ignore), timeout]);
    },
  };
}
