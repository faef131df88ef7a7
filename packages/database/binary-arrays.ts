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
const types = { bytea: 17, int8: 20, int4: 23, text: 25, uuid: 2950 } as const;
const headerBytes = 20;
const lengthBytes = 4;
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
export function textArray(values: readonly string[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + lengthBytes + Buffer.byteLength(value), 0);
  const array = begin(types.text, values.length, bytes);
  let offset = headerBytes;
  for (const value of values) {
    const length = array.write(value, offset + lengthBytes);
    array.writeInt32BE(length, offset);
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

/** A `bigint[]` of integers from 0 to 2^53 − 1. */
export function int8Array(values: readonly number[]): Buffer {
  const array = begin(types.int8, values.length, values.length * (lengthBytes + 8));
  let offset = headerBytes;
  for (const value of values) {
    offset = array.writeInt32BE(8, offset);
    offset = array.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
    offset = array.writeUInt32BE(value % 2 ** 32, offset);
  }
  return array;
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
