/** `pose-sidecar video`: one video or picture on the whole pool, with a progress bar; Ctrl-C keeps what is finished. */
import { parseArgs } from 'node:util';
import { AbortedError, PoseError } from '../errors.ts';
import { PosePool } from '../pool/pose-pool.ts';
import { type AssembleOptions, EFFORTS, type Effort } from '../video/video-options.ts';
import type { VideoOutcome } from '../video/videos.ts';
import { progressLine } from './progress-line.ts';
import type { Output } from './run-step.ts';

const HELP = `Usage: npx pose-sidecar video INPUT --out DIR [OPTIONS]

Finds the people in every frame of a video, or in a picture, with all daemons of a pool at once. Writes
DIR/video_<16 hex>/ with poses.jsonl, summary.json and overlay.mp4, and prints its path. The files are those of
\`python -m sidecar video\`; a run that was interrupted goes on where it was.

  --out DIR            folder of all results
  --pool N             daemons (default: POSE_POOL_SIZE, or 2, or 1 on a single core)
  --estimator NAME     model family (default: blazepose)
  --detector NAME      person detector, for several people
  --option K=V         an option of the estimator; repeat it
  --min-score S        leave out people who never score as much, 0 to 1 (default 0.5)
  --effort E           ${EFFORTS.join(' | ')} (default thorough)
  --clean C            hampel+smooth | smooth | hampel | none (default hampel+smooth)
  --max-gap S          seconds of absence that are filled (default 1)
  --extrapolate S      seconds that people go on beyond their sightings (default 0)
  --keep-raw           keep keypoints as they were found beside the cleaned ones
  --no-overlay         poses and summary only
  --force              work even if the result is there already
  --python INTERPRETER interpreter to start
`;

const USAGE_ERROR = 2;
const INTERRUPTED = 130;

/** Returns the exit code. */
export async function video(argv: readonly string[], out: Output, err: Output): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      pool: { type: 'string' },
      estimator: { type: 'string' },
      detector: { type: 'string' },
      option: { type: 'string', multiple: true, default: [] },
      'min-score': { type: 'string' },
      effort: { type: 'string' },
      clean: { type: 'string' },
      'max-gap': { type: 'string' },
      extrapolate: { type: 'string' },
      'keep-raw': { type: 'boolean', default: false },
      'no-overlay': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      python: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    out.write(HELP);
    return 0;
  }
  const [input, ...more] = positionals;
  if (input === undefined || more.length > 0 || values.out === undefined) {
    err.write(`pose-sidecar video: give one INPUT and --out DIR\n\n${HELP}`);
    return USAGE_ERROR;
  }
  const assemble: AssembleOptions = {
    ...(values.clean && { clean: values.clean as NonNullable<AssembleOptions['clean']> }),
    ...(values['max-gap'] && { maxGapS: Number(values['max-gap']) }),
    ...(values.extrapolate && { extrapolateS: Number(values.extrapolate) }),
    ...(values['keep-raw'] && { keepRaw: true }),
  };
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Error('interrupted'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const line = progressLine(err);
  try {
    line.say(`starting the pool`);
    await using pool = await PosePool.start({
      ...(values.pool && { size: Number(values.pool) }),
      ...(values.estimator && { estimator: values.estimator }),
      ...(values.detector && { detector: values.detector }),
      ...(values.python && { python: values.python }),
      options: Object.fromEntries(values.option.map(pair)),
      drainMs: 0, // what is finished is kept; the rest is not worth waiting for
      signal: stop.signal,
    });
    line.say(`finding people in ${input}`);
    const outcome = await pool.processVideo(input, {
      out: values.out,
      overlay: !values['no-overlay'],
      force: values.force,
      signal: stop.signal,
      onProgress: (progress) => line.show(progress),
      assemble,
      ...(values['min-score'] && { minScore: Number(values['min-score']) }),
      ...(values.effort && { effort: values.effort as Effort }),
    });
    line.end();
    tell(outcome, out, err);
    return 0;
  } catch (error) {
    line.end();
    if (!(error instanceof AbortedError)) throw error;
    err.write(
      'pose-sidecar video: interrupted; finished segments are kept, and the same command goes on from there\n',
    );
    return INTERRUPTED;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function tell({ directory, summary, reused }: VideoOutcome, out: Output, err: Output): void {
  if (summary.message) err.write(`pose-sidecar video: ${summary.message}\n`);
  const how = reused ? 'was there already' : `${summary.frames_per_second} frames/s`;
  err.write(`${summary.frames} frames, ${summary.frames_with_person} with a person, ${how}\n`);
  out.write(`${directory}\n`);
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new PoseError('CONFIG_INVALID', `--option must be NAME=VALUE, got ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}
