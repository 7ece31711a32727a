/** Videos that only these tests need, made by the repository's own PyAV. */
import { execFileSync } from 'node:child_process';
import { PYTHON, ROOT } from '../../http/rig.ts';

/** Bars of a coded frame: the first is always white, the second always black, then the number's bits. */
export const BARS = 10;

const SCRIPT = `
import sys
from fractions import Fraction
import av
import numpy as np
path, codec, frames, width, height, kind = sys.argv[1:]
frames, width, height = int(frames), int(width), int(height)
with av.open(path, "w") as container:
    stream = container.add_stream(codec, rate=30)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    tick = Fraction(1, 30) if codec == "mpeg4" else Fraction(1, 3000)
    stream.codec_context.time_base = tick
    stream.codec_context.gop_size = 15
    if codec == "libx264":
        stream.options = {"preset": "ultrafast", "crf": "30"}
    ticks = 70 if kind == "late" else 0
    for number in range(frames):
        bars = [255, 0] + [255 * (number >> bit & 1) for bit in range(8)]
        row = np.repeat(np.array(bars, np.uint8), width // len(bars))
        row = np.pad(row, (0, width - len(row)))
        picture = np.broadcast_to(row[None, :, None], (height, width, 3))
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        frame.pts, frame.time_base = (number, tick) if codec == "mpeg4" else (ticks, tick)
        ticks += (60, 100, 250)[number % 3] if kind == "uneven" else 100
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
`;

export interface CodedVideo {
  readonly frames: number;
  readonly codec?: 'libx264' | 'mpeg4';
  /** Frames as long as each other, of three lengths in turn, or beginning 23 ms after the start. */
  readonly pace?: 'even' | 'uneven' | 'late';
  readonly size?: readonly [width: number, height: number];
}

/** A video whose pictures say their number. */
export function renderCoded(
  path: string,
  { frames, codec = 'libx264', pace = 'even', size: [width, height] = [160, 90] }: CodedVideo,
): void {
  const facts = [codec, frames, width, height, pace].map(String);
  execFileSync(PYTHON, ['-c', SCRIPT, path, ...facts], { cwd: ROOT, stdio: 'pipe' });
}

/** A person who moves, 640x360, and the true joints beside it as `.truth.json`. */
export function renderMannequin(path: string, seconds: number): void {
  const flags = ['--seconds', String(seconds), '--seed', '7'];
  execFileSync(PYTHON, ['-m', 'sidecar', 'sample', path, ...flags], { cwd: ROOT, stdio: 'pipe' });
}
