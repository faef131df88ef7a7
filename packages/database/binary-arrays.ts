/**
 * Arrays as PostgreSQL's binary format has them (`array_recv` in its source, src/backend/utils/adt/arrayfuncs.c): number
 * of dimensions, whether there are nulls, the type of the elements, their count, the first index; then each element
 * behind its length, −1 for null. All numbers are 4 bytes, big-endian. The driver sends a Buffer in this format.
 *
 * For parameters of hundreds of elements: the text of an array is read character by character, which was a sixth of what
 * storing a message cost PostgreSQL.
 */
const types = { uuid: 2950, text: 25 } as const;
const headerBytes = 20;
const lengthBytes = 4;
const uuidBytes = 16;
const uuidCharacters = 36;
const nullLength = "ffffffff";
const uuidLength = "00000010";

/** A `uuid[]`. Throws a TypeError where an element is no UUID. */
export function uuidArray(values: readonly (string | null)[]): Buffer {
  let nulls = 0;
  let elements = "";
  for (const value of values) {
    if (value === null) nulls += 1;
    else if (value.length !== uuidCharacters) throw new TypeError("An id is no UUID.");
    elements += value === null ? nullLength : uuidLength + value;
  }
  const digits = elements.replaceAll("-", "");
  const body = values.length * lengthBytes + (values.length - nulls) * uuidBytes;
  const array = Buffer.allocUnsafe(headerBytes + body);
  writeHeader(array, types.uuid, values.length, nulls > 0);
  // It stops at the first digit that is none.
  if (digits.length !== 2 * body || array.write(digits, headerBytes, "hex") !== body) {
    throw new TypeError("An id is no UUID.");
  }
  return array;
}

/** A `text[]` in UTF-8. */
export function textArray(values: readonly string[]): Buffer {
  const bytes = values.reduce((sum, value) => sum + lengthBytes + Buffer.byteLength(value), headerBytes);
  const array = Buffer.allocUnsafe(bytes);
  writeHeader(array, types.text, values.length, false);
  let offset = headerBytes;
  for (const value of values) {
    const length = array.write(value, offset + lengthBytes);
    array.writeInt32BE(length, offset);
    offset += lengthBytes + length;
  }
  return array;
}

/** One dimension, also of nothing: PostgreSQL takes that for the empty array. */
function writeHeader(array: Buffer, type: number, count: number, hasNulls: boolean): void {
  let offset = 0;
  for (const number of [1, hasNulls ? 1 : 0, type, count, 1]) offset = array.writeInt32BE(number, offset);
}
