/** The previous service's class with its own signature, exported as `pose-sidecar/legacy`: a back end changes one import. */
import { PoseError } from '../errors.ts';
import { PosePool } from '../pool/pose-pool.ts';
import type { PoseResult as Estimate } from '../result.ts';

/** One picture, as base64 (with or without a `data:` prefix) or as a file. */
export interface PoseFrame {
  frameNumber: number;
  imageBase64?: string;
  imagePath?: string;
}

/** Pixels of the image; `z` in the same unit. */
export interface Keypoint {
  name: string;
  x: number;
  y: number;
  z?: number;
  confidence: number;
}

/** What is known of one frame; there is one for every frame asked for, in their order. */
export interface PoseResult {
  frameNumber: number;
  /** Of the most certain person; empty when nobody is in the picture. */
  keypoints: Keypoint[];
  has3d: boolean;
  processingTimeMs: number;
  /** Why this frame could not be read; others are not affected. */
  error?: string;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/** Errors that one picture can be the cause of. */
const OF_THE_FRAME: ReadonlySet<string> = new Set([
  'INVALID_REQUEST',
  'DECODE_FAILED',
  'FRAME_TOO_LARGE',
  'INFERENCE_FAILED',
  'POISON_INPUT',
]);

/**
 * Warm daemons behind the old `getPoseInfo`. Where the old class started a process per call and spoke of `write EOF`,
 * this one rejects with the cause and the next step. The host may exit without `cleanup()`.
 */
export class PoseServiceExecWrapper {
  readonly #servicePath: string;
  readonly #timeoutMs: number;
  #pool: PosePool | null = null;

  /**
   * @param pythonServicePath Directory whose virtual environment is looked at first.
   * @param timeoutMs Milliseconds for one `getPoseInfo` call.
   */
  constructor(pythonServicePath: string, timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.#servicePath = pythonServicePath;
    this.#timeoutMs = timeoutMs;
  }

  /** Find the most certain person in each frame. Rejects with PoseError when the service cannot work at all. */
  async getPoseInfo(frames: PoseFrame[]): Promise<PoseResult[]> {
    if (!Array.isArray(frames)) {
      throw new PoseError('INVALID_REQUEST', `frames must be an array, got ${typeof frames}`);
    }
    this.#pool ??= PosePool.create({ servicePath: this.#servicePath }).unref();
    const pool = this.#pool;
    const untilMs = performance.now() + this.#timeoutMs;
    return Promise.all(frames.map((frame) => estimateFrame(pool, frame, untilMs)));
  }

  /** End every process. The next `getPoseInfo` starts them again. */
  async cleanup(): Promise<void> {
    const pool = this.#pool;
    this.#pool = null;
    await pool?.close();
  }
}

async function estimateFrame(pool: PosePool, frame: PoseFrame, untilMs: number): Promise<PoseResult> {
  const { frameNumber } = frame;
  try {
    await pool.ready();
    const deadlineMs = Math.max(1, untilMs - performance.now());
    return toOldResult(frameNumber, await pool.estimate(imageOf(frame), { deadlineMs }));
  } catch (error) {
    if (!(error instanceof PoseError) || !OF_THE_FRAME.has(error.code)) throw error;
    return { frameNumber, keypoints: [], has3d: false, processingTimeMs: 0, error: error.message };
  }
}

function imageOf({ frameNumber, imageBase64, imagePath }: PoseFrame): Uint8Array | string {
  if (typeof imageBase64 === 'string' && imageBase64 !== '') {
    return Buffer.from(imageBase64.replace(/^data:[^,]*,/, ''), 'base64');
  }
  if (typeof imagePath === 'string' && imagePath !== '') return imagePath;
  throw new PoseError('INVALID_REQUEST', `frame ${frameNumber} has neither imageBase64 nor imagePath`, {
    hint: 'Give one of them.',
  });
}

function toOldResult(frameNumber: number, { persons, skeleton, timingsMs }: Estimate): PoseResult {
  const [person] = persons;
  const processingTimeMs = timingsMs.total ?? 0;
  if (person === undefined) return { frameNumber, keypoints: [], has3d: false, processingTimeMs };
  const keypoints = skeleton.keypoints.map((name, row) => {
    const [x = 0, y = 0, z = 0, confidence = 0] = person.keypoints.subarray(row * 4, row * 4 + 4);
    return skeleton.has_z ? { name, x, y, z, confidence } : { name, x, y, confidence };
  });
  return { frameNumber, keypoints, has3d: person.keypointsWorld !== null, processingTimeMs };
}
