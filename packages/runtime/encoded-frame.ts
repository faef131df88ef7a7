declare const sent: unique symbol;

/** FIN, and the opcode of text. */
const finalText = 0x81;

/** A frame as the bytes that go to every socket: the server masks nothing (RFC 6455, section 5.1), so all get the same. */
export class EncodedFrame<Frame extends object> {
  declare readonly [sent]: Frame;
  /** The header of WebSocket, then the JSON in UTF-8. */
  readonly bytes: Buffer;
  readonly #headerBytes: number;

  private constructor(bytes: Buffer, headerBytes: number) {
    this.bytes = bytes;
    this.#headerBytes = headerBytes;
  }

  static ofText<Frame extends object>(json: string): EncodedFrame<Frame> {
    const length = Buffer.byteLength(json);
    const headerBytes = length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
    const bytes = Buffer.allocUnsafe(headerBytes + length);
    writeHeader(bytes, length);
    bytes.write(json, headerBytes);
    return new EncodedFrame(bytes, headerBytes);
  }

  /** The same frame with as many bytes replaced at this place of its JSON: for one sent often, with another id each time. */
  withBytes(at: number, from: Buffer, start: number, end: number): EncodedFrame<Frame> {
    const bytes = Buffer.allocUnsafe(this.bytes.length);
    this.bytes.copy(bytes);
    from.copy(bytes, this.#headerBytes + at, start, end);
    return new EncodedFrame(bytes, this.#headerBytes);
  }

  /** The JSON alone. */
  toString(): string {
    return this.bytes.toString("utf8", this.#headerBytes);
  }
}

export function encodeFrame<Frame extends object>(frame: Frame): EncodedFrame<Frame> {
  return EncodedFrame.ofText(JSON.stringify(frame));
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
