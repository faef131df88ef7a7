import { isUtf8 } from "node:buffer";
import { invalidInput } from "@gochat/contracts/errors";
import type { FastifyInstance } from "fastify";

/** Bodies are JSON in UTF-8, without `__proto__` and the like; every other type is refused. */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, bytes, done) => {
    // Clients set the type also where they send nothing.
    if (bytes.length === 0) done(null, undefined);
    else if (!isUtf8(bytes)) done(invalidInput({ path: "", message: "is not UTF-8" }));
    else parseJson(request, bytes.toString(), done);
  });
}
