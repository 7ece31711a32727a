/** What a scripted daemon says when nothing special is asked of it. */
import { VERSION } from '../version.ts';
import type {
  HelloMessage,
  ReadyMessage,
  RequestMessage,
  ResultMessage,
} from '../wire/generated/messages.ts';
import { MAJOR } from '../wire/header.ts';

/** Keypoints of the people it sees. */
export const FAKE_KEYPOINTS = ['left', 'right'] as const;

const MIB = 1024 * 1024;
const WIDTH = 640;
const HEIGHT = 480;

export function helloMessage(overrides: Partial<HelloMessage> = {}): HelloMessage {
  return {
    type: 'hello',
    product: 'pose-sidecar',
    protocol: [MAJOR],
    version: VERSION,
    wire: 'frames',
    pid: process.pid,
    ppid: process.ppid,
    executable: process.execPath,
    python: '3.11.0',
    platform: `${process.platform}-${process.arch}`,
    limits: {
      meta_bytes: MIB / 4,
      body_bytes: 32 * MIB,
      line_bytes: 48 * MIB,
      depth: 32,
      pixels: 64_000_000,
    },
    capabilities: ['cancel', 'drain', 'ping'],
    nonce: process.env.POSE_SIDECAR_NONCE ?? null,
    ...overrides,
  };
}

export function readyMessage(overrides: Partial<ReadyMessage> = {}): ReadyMessage {
  return {
    type: 'ready',
    protocol: MAJOR,
    estimator: 'fake',
    detector: null,
    models: [],
    runtime: { name: 'fake', version: VERSION },
    device: 'cpu',
    skeleton: { name: 'fake', keypoints: [...FAKE_KEYPOINTS], edges: [[0, 1]], has_z: true, has_world: true },
    imports: [],
    timings_ms: { total: 1 },
    rss_bytes: process.memoryUsage.rss(),
    credits: { requests: 2, bytes: 64 * MIB },
    batch: { max: 1 },
    threads: 1,
    warnings: [],
    ...overrides,
  };
}

/** A result with `people` persons; every number tells where it stands: person * 100 + row * 10 + column. */
export function resultMessage(
  { id }: RequestMessage,
  people: number,
): { message: ResultMessage; body: Uint8Array } {
  const rows = FAKE_KEYPOINTS.length;
  const keypoints = numbered(people, rows, 4);
  const world = numbered(people, rows, 3);
  const message: ResultMessage = {
    type: 'result',
    id,
    width: WIDTH,
    height: HEIGHT,
    persons: Array.from({ length: people }, (_, index) => ({
      id: null,
      score: 0.9 - index / 10,
      provenance: 'detected',
      bbox_xyxy: [index * 100, 0, index * 100 + 13, 13],
    })),
    arrays: [
      { name: 'keypoints', shape: [people, rows, 4], offset: 0 },
      { name: 'keypoints_world', shape: [people, rows, 3], offset: keypoints.byteLength },
    ],
    timings_ms: { total: 1 },
  };
  return { message, body: Buffer.concat([keypoints, world]) };
}

function numbered(people: number, rows: number, columns: number): Buffer {
  const values = new Float32Array(people * rows * columns);
  for (const index of values.keys()) {
    const person = Math.floor(index / (rows * columns));
    const row = Math.floor(index / columns) % rows;
    values[index] = person * 100 + row * 10 + (index % columns);
  }
  return Buffer.from(values.buffer);
}
