import type { IncomingMessage } from "node:http";
import { invalidInput } from "@gochat/contracts/errors";

/** What HTTP/1.1 asks a server to look at before anything else (RFC 9110, 7.2 and 10.1.1). Throws INVALID_INPUT. */
export function refuseUnmetDemands({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === "1.1") {
    throw invalidInput({ path: "", message: "does not say which host it is for" });
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== "100-continue") {
    throw invalidInput({ path: "", message: "expects what this server does not know" });
  }
}
