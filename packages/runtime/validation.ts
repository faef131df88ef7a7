import { type GoChatError, invalidInput } from "@gochat/contracts/errors";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import { isObject } from "./json-shape.ts";

/** Checks that a value is of a schema; throws INVALID_INPUT that names each wrong place. */
export type Validate<Schema extends TSchema> = (value: unknown) => Static<Schema>;

/** For bodies and frames: JSON has types, so nothing is converted. */
export function createValidator<Schema extends TSchema>(schema: Schema): Validate<Schema> {
  const compiled = Compile(schema);
  return (value) => {
    if (!compiled.Check(value)) throw toInvalidInput(schema, compiled.Errors(value));
    refuseUnusableText(value);
    return value;
  };
}

/** For query strings and path parameters: everything arrives as text, numbers are read from it, defaults filled in. */
export function createTextValidator<Schema extends TSchema>(schema: Schema): Validate<Schema> {
  const validate = createValidator(schema);
  return (value) => validate(Value.Default(schema, toNumbers(schema, value)));
}

/** Only `12` is the number 12: not `1e1`, ` 12` or `0x0c`, which a general conversion would accept. */
function toNumbers(schema: TSchema, value: unknown): unknown {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {};
  const entries = Object.entries(value as Record<string, unknown>).map(([name, text]) => {
    const isInteger = Object.hasOwn(properties, name) && properties[name]?.type === "integer";
    return [name, isInteger && typeof text === "string" && /^-?\d{1,16}$/.test(text) ? Number(text) : text];
  });
  return Object.fromEntries(entries);
}

interface FoundError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** One sentence for each wrong place, in words for the person who filled in the form. */
function toInvalidInput(schema: TSchema, found: Iterable<FoundError>): GoChatError {
  const sentences = new Map<string, string>();
  for (const error of found) {
    for (const [path, sentence] of toSentences(schema, error)) {
      if (!sentences.has(path) && sentences.size < maxReportedFields) sentences.set(path, sentence);
    }
  }
  return invalidInput(...[...sentences].map(([path, message]) => ({ path, message })));
}

function toSentences(schema: TSchema, error: FoundError): [path: string, sentence: string][] {
  const { keyword, schemaPath, instancePath, params, message } = error;
  const union = describeUnion(schema, error);
  if (union) return [union];
  switch (keyword) {
    // Each unknown field is also reported on its own, as the false schema that it meets.
    case "additionalProperties":
      return [];
    case "boolean":
      return [[instancePath, "is not known here"]];
    case "required":
      return (params as { requiredProperties: string[] }).requiredProperties.map((name) => [
        `${instancePath}/${name}`,
        "is missing",
      ]);
    case "const":
      return [[instancePath, "is not one of the values allowed here"]];
    default:
      return [[instancePath, describe(schema, schemaPath) ?? message]];
  }
}

/**
 * What the contracts say of the outermost union that the error lies in. Where they say something, it stands for what
 * each branch misses: together those would ask for all branches at once.
 */
function describeUnion(
  schema: TSchema,
  { schemaPath, instancePath }: FoundError,
): [path: string, sentence: string] | undefined {
  for (const { index } of schemaPath.matchAll(/\/anyOf\//g)) {
    const unionPath = schemaPath.slice(0, index);
    const sentence = describe(schema, unionPath);
    if (sentence === undefined) continue;
    // Of the way to the union, these steps lead into the value; the rest stays at the same place in it.
    const depth = unionPath.match(/\/properties\/[^/]+|\/items/g)?.length ?? 0;
    return [
      instancePath
        .split("/")
        .slice(0, depth + 1)
        .join("/"),
      sentence,
    ];
  }
  return undefined;
}

/** What the contracts say of this place in a description such as "must be 8 to 256 characters". */
function describe(schema: TSchema, schemaPath: string): string | undefined {
  let place: unknown = schema;
  for (const name of schemaPath.split("/").slice(1)) {
    place = isObject(place) || Array.isArray(place) ? (place as Record<string, unknown>)[name] : undefined;
  }
  return isObject(place) && typeof place.description === "string" ? place.description : undefined;
}

const maxReportedFields = 20;

/** PostgreSQL stores no NUL, and a lone surrogate is no character: refused wherever text comes in. */
function refuseUnusableText(value: unknown): void {
  const path = pathToUnusableText(value);
  if (path !== undefined) throw invalidInput({ path, message: "must be well-formed text" });
}

function pathToUnusableText(value: unknown): string | undefined {
  if (typeof value === "string") return value.includes("\0") || !value.isWellFormed() ? "" : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const name of Object.keys(value)) {
    const path = pathToUnusableText((value as Record<string, unknown>)[name]);
    if (path !== undefined) return `/${name}${path}`;
  }
  return undefined;
}

/** Percent-encoded UTF-8. The router looks at the path only, and the query parser leaves alone what it can't decode. */
export function isReadableQuery(url: string): boolean {
  const start = url.indexOf("?");
  if (start === -1) return true;
  try {
    decodeURIComponent(url.slice(start));
    return true;
  } catch {
    return false;
  }
}
