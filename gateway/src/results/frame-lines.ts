/** Lines of poses.jsonl, a range of them, as the disk gives them. */
import { createReadStream } from 'node:fs';
import { type FrameIndex, STRIDE } from './frame-index.ts';

const READ_BYTES = 64 * 1024;

/**
 * Yields the lines of the frames `from` to `to`, both included, several at a time. A reader that stops early, or waits,
 * holds the disk back.
 */
export async function* frameLines(
  { path, frames, offsets }: FrameIndex,
  from = 0,
  to = frames - 1,
): AsyncGenerator<readonly string[]> {
  const last = Math.min(to, frames - 1);
  if (from > last) return;
  const mark = Math.floor(from / STRIDE);
  const file = createReadStream(path, {
    start: offsets[mark] ?? 0,
    highWaterMark: READ_BYTES,
    encoding: 'utf8',
  });
  let frame = mark * STRIDE;
  let rest = '';
  try {
    for await (const chunk of file) {
      const pieces = (rest + chunk).split('\n');
      rest = pieces.pop() ?? '';
      const lines = pieces.slice(Math.max(0, from - frame), last - frame + 1);
      frame += pieces.length;
      if (lines.length > 0) yield lines;
      if (frame > last) return;
    }
  } finally {
    file.destroy();
  }
}
