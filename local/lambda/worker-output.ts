/**
 * Hands a worker thread's output over line by line and at once. A worker's own stdio travels by its event loop,
 * which stands still while the environment is frozen, so lines would come with the next invocation or never.
 */

type WriteCallback = (error?: Error | null) => void;

/** Takes over stdout and stderr, the console included; the answer hands over what lacks its line end. */
export function captureOutput(onLine: (line: string) => void): () => void {
  const flushes = [process.stdout, process.stderr].map(stream => {
    const decoder = new TextDecoder();
    let rest = '';
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: WriteCallback): boolean => {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
      const done = typeof encoding === 'function' ? (encoding as WriteCallback) : callback;
      if (done) process.nextTick(done);
      return true;
    };
    stream.write = write;
    return () => {
      if (rest) onLine(rest);
      rest = '';
    };
  });
  return () => {
    for (const flush of flushes) flush();
  };
}
