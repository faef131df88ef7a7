import { uuidByteCount, uuidBytes } from "@gochat/contracts/uuid";

/**
 * Arrays as PostgreSQL's binary format has them (`array_recv` in its source, src/backend/utils/adt/arrayfuncs.c): number
 * of dimensions, whether there are nulls, the type of the elements, their count, the first index; then each element
 * behind its length, −1 for null. All numbers are big-endian, and of 4 bytes but for `bigint`. The driver sends a Buffer
 * in this format.
 *
 * For parameters of hundreds of elements: the text of an array is read character by character, which was a sixth of what
 * storing a message cost PostgreSQL.
 */
const types = {
  bytea: 17,
  int8: 20,
  int4: 23,
  text: 25,
  timestamptz: 1184,
  uuid: 2950,
  int8multirange: 4536,
} as const;
const headerBytes = 20;
const lengthBytes = 4;
const numberBytes = 8;
const noLength = -1;

/** A `uuid[]`. Throws a TypeError where an element is no UUID. */
export function uuidArray(values: readonly (string | null)[]): Buffer {
  const given = values.filter((value) => value !== null);
  const bytes = uuidBytes(given);
  if (given.length === values.length) return uuidArrayOf(bytes);
  const array = begin(types.uuid, values.length, values.length * lengthBytes + bytes.length, true);
  let offset = headerBytes;
  let from = 0;
  for (const value of values) {
    offset = array.writeInt32BE(value === null ? noLength : uuidByteCount, offset);
    if (value === null) continue;
    offset += copy(bytes, from, uuidByteCount, array, offset);
    from += uuidByteCount;
  }
  return array;
}

/** A `uuid[]` of elements that are bytes already, one behind the other. */
export function uuidArrayOf(bytes: Uint8Array): Buffer {
  return equallyLong(types.uuid, bytes, uuidByteCount);
}

/** A `bytea[]` of elements of this many bytes each, one behind the other. */
export function byteaArrayOf(bytes: Uint8Array, size: number): Buffer {
  return equallyLong(types.bytea, bytes, size);
}

/** A `text[]` in UTF-8. */
export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  let hasNulls = false;
  for (const value of values) {
    bytes += lengthBytes;
    if (value === null) hasNulls = true;
    else bytes += Buffer.byteLength(value);
  }
  const array = begin(types.text, values.length, bytes, hasNulls);
  let offset = headerBytes;
  for (const value of values) {
    const length = value === null ? 0 : array.write(value, offset + lengthBytes);
    array.writeInt32BE(value === null ? noLength : length, offset);
    offset += lengthBytes + length;
  }
  return array;
}

/** An `integer[]`. Throws a RangeError where an element is past 32 bits. */
export function int4Array(values: readonly number[]): Buffer {
  const array = begin(types.int4, values.length, values.length * (lengthBytes + 4));
  let offset = headerBytes;
  for (const value of values) offset = array.writeInt32BE(value, array.writeInt32BE(4, offset));
  return array;
}

/** A `bigint[]` of whole numbers. Throws a RangeError where one is no safe integer. */
export function bigintArray(values: readonly number[]): Buffer {
  return numberArray(types.int8, values);
}

const postgresEpochMs = Date.UTC(2000, 0, 1);

/** A `timestamptz[]` of times as `toISOString` prints them, up to the year 2285. Throws a RangeError where one is anything else. */
export function timeArray(values: readonly (string | null)[]): Buffer {
  return numberArray(types.timestamptz, values.map(toPostgresTime));
}

function toPostgresTime(text: string | null): number | null {
  if (text === null) return null;
  const time = new Date(text);
  if (time.toISOString() !== text) throw new RangeError("A time is not as it should be.");
  return (time.getTime() - postgresEpochMs) * 1000;
}

function numberArray(type: number, values: readonly (number | null)[]): Buffer {
  let nulls = 0;
  for (const value of values) if (value === null) nulls += 1;
  const bytes = values.length * lengthBytes + (values.length - nulls) * numberBytes;
  const array = begin(type, values.length, bytes, nulls > 0);
  let offset = headerBytes;
  for (const value of values) {
    offset = array.writeInt32BE(value === null ? noLength : numberBytes, offset);
    if (value !== null) offset = writeNumber(array, value, offset);
  }
  return array;
}

const rangeBytes = 1 + 2 * (lengthBytes + numberBytes);
/** Both bounds belong to the range: RANGE_LB_INC and RANGE_UB_INC of src/include/utils/rangetypes.h. */
const inclusive = 0x06;

/** An `int8multirange[]`: each element from spans, in any order; PostgreSQL joins those that touch. */
export function multirangeArray(
  values: readonly (readonly (readonly [first: number, last: number])[])[],
): Buffer {
  const spanBytes = lengthBytes + rangeBytes;
  const bytes = values.reduce((sum, spans) => sum + 2 * lengthBytes + spans.length * spanBytes, 0);
  const array = begin(types.int8multirange, values.length, bytes);
  let offset = headerBytes;
  for (const spans of values) {
    offset = array.writeInt32BE(lengthBytes + spans.length * spanBytes, offset);
    offset = array.writeInt32BE(spans.length, offset);
    for (const [first, last] of spans) {
      offset = array.writeInt32BE(rangeBytes, offset);
      offset = array.writeUInt8(inclusive, offset);
      offset = writeNumber(array, first, array.writeInt32BE(numberBytes, offset));
      offset = writeNumber(array, last, array.writeInt32BE(numberBytes, offset));
    }
  }
  return array;
}

/** In 8 bytes. A BigInt would be slower. */
function writeNumber(array: Buffer, value: number, offset: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError("A number is no safe integer.");
  const high = Math.floor(value / 2 ** 32);
  array.writeInt32BE(high, offset);
  return array.writeUInt32BE(value - high * 2 ** 32, offset + 4);
}

function equallyLong(type: number, bytes: Uint8Array, size: number): Buffer {
  const count = bytes.length / size;
  const array = begin(type, count, bytes.length + count * lengthBytes);
  let offset = headerBytes;
  for (let from = 0; from < bytes.length; from += size) {
    offset = array.writeInt32BE(size, offset);
    offset += copy(bytes, from, size, array, offset);
  }
  return array;
}

/** For so few bytes a call into Node.js costs more than the loop. */
function copy(bytes: Uint8Array, from: number, size: number, target: Buffer, offset: number): number {
  for (let index = 0; index < size; index++) target[offset + index] = bytes[from + index]!;
  return size;
}

/** One dimension, also of nothing: PostgreSQL takes that for the empty array. `bytes`: of the elements. */
function begin(type: number, count: number, bytes: number, hasNulls = false): Buffer {
  const array = Buffer.allocUnsafe(headerBytes + bytes);
  let offset = 0;
  for (const number of [1, hasNulls ? 1 : 0, type, count, 1]) offset = array.writeInt32BE(number, offset);
  return array;
}
