/**
 * API Gateway limits one WebSocket frame to 32 KB and one message to 128 KB ("Quotas for configuring and running a
 * WebSocket API in API Gateway"), but `ws` counts messages only. This follows the frame headers in the raw bytes, beside
 * `ws` and without a copy: payload is skipped by its length, only header bytes are looked at.
 */
export class FrameLengthGuard {
  readonly #maxFrameBytes: number;
  /** Mask and payload bytes still to come. */
  #skip = 0;
  /** Header bytes seen of the frame that begins; a header may be split over any number of TCP chunks. */
  #headerBytes = 0;
  #extendedBytes = 0;
  #first = 0;
  #masked = false;
  #length = 0;
  #tripped = false;
  #messages = 0;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** A frame was too long; what follows it is not looked at. */
  get tripped(): boolean {
    return this.#tripped;
  }

  /** Messages whose last frame began before the one that was too long. */
  get messages(): number {
    return this.#messages;
  }

  /** Follows the next bytes of the stream; true once, when the header of a frame that is too long is complete. */
  follow(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length && !this.#tripped) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, chunk.length - at);
        this.#skip -= step;
        at += step;
      } else if (this.#endsHeader(chunk[at++] ?? 0)) {
        this.#beginPayload();
        if (this.#tripped) return true;
      }
    }
    return false;
  }

  /** RFC 6455, 5.2: two bytes, then none, two or eight bytes of length; the mask is skipped with the payload. */
  #endsHeader(byte: number): boolean {
    this.#headerBytes += 1;
    if (this.#headerBytes === 1) {
      this.#first = byte;
      return false;
    }
    if (this.#headerBytes === 2) {
      const length = byte & 0x7f;
      this.#masked = byte > 0x7f;
      this.#extendedBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#length = this.#extendedBytes > 0 ? 0 : length;
    } else {
      this.#length = this.#length * 256 + byte;
    }
    return this.#headerBytes === 2 + this.#extendedBytes;
  }

  #beginPayload(): void {
    this.#headerBytes = 0;
    this.#skip = this.#length + (this.#masked ? 4 : 0);
    if (this.#length > this.#maxFrameBytes) this.#tripped = true;
    else if (this.#isFinalDataFrame()) this.#messages += 1;
  }

  #isFinalDataFrame(): boolean {
    const opcode = this.#first & 0x0f;
    return (this.#first & 0x80) !== 0 && opcode < 8;
  }
}
