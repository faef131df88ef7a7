import { AsyncLocalStorage } from "node:async_hooks";
import { formatTraceparent, type TraceContext } from "./trace-context.ts";

/** What an HTTP request is known by, wherever its handling leads. */
export interface RequestContext {
  readonly requestId: string;
  readonly trace: TraceContext;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request on whose behalf this code runs; undefined outside of any. */
export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** What goes with the events that this request leads to. */
export function currentTraceparent(): string | undefined {
  const request = currentRequest();
  return request && formatTraceparent(request.trace);
}

export function runInRequest<Result>(context: RequestContext, work: () => Result): Result {
  return storage.run(context, work);
}
