/** The last words of a daemon: a bounded copy of its standard error. */

/** Bytes kept of a daemon's standard error, for error messages. */
export const STDERR_RING_BYTES = 64 * 1024;
/** A log line longer than this is handed on in pieces. */
export const STDERR_LINE_BYTES = 16 * 1024;

/** Keeps the newest bytes, hands complete lines on, counts what it had to forget. */
export class StderrRing {
  readonly #limit: number;
  readonly #onLine: ((line: string) => void) | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #partial = '';
  #decoder = new TextDecoder();
  /** Bytes that fell out of the ring. */
  droppedBytes = 0;

  constructor(onLine?: (line: string) => void, limit = STDERR_RING_BYTES) {
    this.#onLine = onLine;
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#keep(chunk.length > this.#limit ? chunk.subarray(-this.#limit) : chunk);
    this.droppedBytes += Math.max(0, chunk.length - this.#limit);
    if (this.#onLine !== undefined) this.#handOn(this.#decoder.decode(chunk, { stream: true }));
  }

  /** Hand on what stands after the last line break; call when the stream ended. */
  flush(): void {
    if (this.#partial !== '') this.#onLine?.(this.#partial);
    this.#partial = '';
  }

  /** The last `lines` non-empty lines, oldest first. */
  tail(lines = 20): string {
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-lines)
      .join('\n');
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > this.#limit) {
      const oldest = this.#chunks[0] as Buffer;
      const excess = Math.min(this.#bytes - this.#limit, oldest.length);
      if (excess === oldest.length) this.#chunks.shift();
      else this.#chunks[0] = oldest.subarray(excess);
      this.#bytes -= excess;
      this.droppedBytes += excess;
    }
  }

  #handOn(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    if (this.#partial.length > STDERR_LINE_BYTES) {
      lines.push(this.#partial);
      this.#partial = '';
    }
    for (const line of lines) this.#onLine?.(line);
  }
}
