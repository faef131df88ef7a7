declare const sent: unique symbol;

/** FIN, and the opcode of text. */
const finalText = 0x81;

/** A frame as the bytes that go to every socket: the server masks nothing (RFC 6455, section 5.1), so all get the same. */
export class EncodedFrame<Frame extends object> {
  declare readonly [sent]: Frame;
  /** The header of WebSocket, then the JSON in UTF-8. */
  readonly bytes: Buffer;
  readonly #headerBytes: number;

  constructor(json: string) {
    const length = Buffer.byteLength(json);
    this.#headerBytes = length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
    this.bytes = Buffer.allocUnsafe(this.#headerBytes + length);
    writeHeader(this.bytes, length);
    this.bytes.write(json, this.#headerBytes);
  }

  /** The JSON alone. */
  toString(): string {
    return this.bytes.toString("utf8", this.#headerBytes);
  }
}

export function encodeFrame<Frame extends object>(frame: Frame): EncodedFrame<Frame> {
  return new EncodedFrame(JSON.stringify(frame));
}

/** The three forms of the length: RFC 6455, section 5.2. */
function writeHeader(bytes: Buffer, length: number): void {
  bytes[0] = finalText;
  if (length < 126) {
    bytes[1] = length;
  } else if (length < 0x1_0000) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt16BE(0, 2);
    bytes.writeUIntBE(length, 4, 6);
  }
}
