/** A lower-case UUID of any version. */
export const uuidPattern = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

const length = 36;
const [digit, dash, other] = [0, 1, 2] as const;
const kindOfByte = new Uint8Array(256).fill(other);
for (const character of "0123456789abcdef") kindOfByte[character.charCodeAt(0)] = digit;
kindOfByte["-".charCodeAt(0)] = dash;
const kindAt = Uint8Array.from("00000000-0000-0000-0000-000000000000", (character) =>
  character === "-" ? dash : digit,
);
const encoder = new TextEncoder();
const bytes = new Uint8Array(length);

/**
 * The same as `uuidPattern`. Each message has a dozen ids to check on its way, and their digits are random: whatever
 * decides by each of them, as a regular expression does, is mispredicted by the processor, and takes five times as long.
 */
export function isUuid(text: string): boolean {
  return text.length === length && encoder.encodeInto(text, bytes).read === length && isUuidAt(bytes, 0);
}

/** The same of the 36 bytes that begin here. */
export function isUuidAt(text: Uint8Array, start: number): boolean {
  if (text.length < start + length) return false;
  let differing = 0;
  for (let index = 0; index < length; index++)
    differing |= kindOfByte[text[start + index]!]! ^ kindAt[index]!;
  return differing === 0;
}

export const uuidByteCount = 16;
const valueOfByte = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) valueOfByte[value.toString(16).charCodeAt(0)] = value;
const dashCode = "-".charCodeAt(0);
const dashesAt = Uint8Array.from([8, 13, 18, 23]);
/** Where the two digits of each byte begin. */
const digitsAt = Uint8Array.from([0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34]);

/**
 * The 16 bytes of each of these lower-case UUIDs, one behind the other. Throws a TypeError where one is none. All of them
 * at once, since reading a string character by character costs more than the rest; and without branches, as above.
 */
export function uuidBytes(uuids: readonly string[]): Uint8Array {
  const text = encoder.encode(uuids.join(""));
  const result = new Uint8Array(uuids.length * uuidByteCount);
  let values =
    uuids.every((uuid) => uuid.length === length) && text.length === uuids.length * length ? 0 : -1;
  for (let number = 0; number < uuids.length; number++) {
    const [from, to] = [number * length, number * uuidByteCount];
    // Below 0 where it is another character.
    for (let index = 0; index < dashesAt.length; index++)
      values |= -(text[from + dashesAt[index]!]! ^ dashCode);
    for (let index = 0; index < uuidByteCount; index++) {
      const at = from + digitsAt[index]!;
      const value = (valueOfByte[text[at]!]! << 4) | valueOfByte[text[at + 1]!]!;
      values |= value;
      result[to + index] = value;
    }
  }
  if (values < 0) throw new TypeError("An id is no UUID.");
  return result;
}
