/**
 * The gateway's own frames, built once and written straight to the sockets: a broadcast posts the same bytes thousands
 * of times, and framing them each time costs more than the write.
 */
const text = 0x1;
const continuation = 0x0;
const fin = 0x80;

/** One text message as a server sends it, unmasked, in frames of at most `maxFrameBytes` as API Gateway sends them. */
export function encodeTextMessage(payload: Buffer, maxFrameBytes: number): Buffer {
  const frames: Buffer[] = [];
  for (let start = 0; start === 0 || start < payload.length; start += maxFrameBytes) {
    const end = Math.min(start + maxFrameBytes, payload.length);
    const opcode = start === 0 ? text : continuation;
    const first = end === payload.length ? fin | opcode : opcode;
    frames.push(frameHeader(first, end - start), payload.subarray(start, end));
  }
  return Buffer.concat(frames);
}

function frameHeader(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length]);
  if (length < 65_536) return Buffer.from([first, 126, length >> 8, length & 0xff]);
  const header = Buffer.from([first, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 6);
  return header;
}

/** Remembers the last message that was framed. */
export class FrameCache {
  readonly #maxFrameBytes: number;
  #payload: Buffer = Buffer.alloc(0);
  #frames: Buffer;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
    this.#frames = encodeTextMessage(this.#payload, maxFrameBytes);
  }

  encode(payload: Buffer): Buffer {
    if (this.#payload.equals(payload)) return this.#frames;
    this.#frames = encodeTextMessage(payload, this.#maxFrameBytes);
    // A copy of our own: the request's buffer may be used again. In one frame it is the frame's tail.
    this.#payload =
      payload.length > this.#maxFrameBytes
        ? Buffer.from(payload)
        : this.#frames.subarray(this.#frames.length - payload.length);
    return this.#frames;
  }
}
