/**
 * Plays the daemon's part of a recording: `node replay-daemon.ts TRANSCRIPT [VERSION]`. See protocol/SPEC.md, section 9.
 *
 * What the client of today does not say as it did then is bridged: its ids and nonce are put into the answers, its
 * pings are answered, and what it leaves out is passed over.
 */
import { readFileSync } from 'node:fs';
import { FrameReader, type RawMessage } from '../../src/wire/frame-reader.ts';
import { encodeFrame, type SendableMessage } from '../../src/wire/frame-writer.ts';

interface Row {
  readonly from: 'client' | 'daemon';
  readonly type?: string;
  readonly bytes?: string;
  readonly exit?: number;
}

const HEADER_BYTES = 16;
const ID_OFFSET = 4;
const META_LENGTH_OFFSET = 8;
const NO_IDS: ReadonlySet<number> = new Set([0, 0xffffffff]);
const [TRANSCRIPT, VERSION] = process.argv
  .slice(2)
  .filter((word) => !word.startsWith('--') && word !== 'frames');
const rows: Row[] = readFileSync(TRANSCRIPT as string, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const idsNow = new Map<number, number>();
let next = 0;
let jsonMeta = true;

process.on('SIGINT', () => {});
const reader = new FrameReader(({ message }) => hear(message));
process.stdin.on('data', (chunk: Buffer) => reader.push(chunk));
process.stdin.on('end', () => process.exit(rows.at(-1)?.exit ?? 0));
speak();

function hear(message: RawMessage): void {
  if (message.type === 'ping') {
    const pong = { type: 'pong', seq: message.seq, rss_bytes: 1, running_id: null, progress: 0 };
    process.stdout.write(encodeFrame(pong as unknown as SendableMessage, undefined, { jsonMeta }).head);
    return;
  }
  const found = rows.findIndex(
    ({ from, type }, at) => at >= next && from === 'client' && type === message.type,
  );
  if (found < 0) return;
  if (message.id) idsNow.set(bytesOf(rows[found]).readUInt32BE(ID_OFFSET), message.id);
  next = found + 1;
  speak();
}

/** Says what the daemon said before it next waited for its client; ends as it ended when it ended by itself. */
function speak(): void {
  while (rows[next]?.from === 'daemon') {
    const row = rows[next] as Row;
    next += 1;
    if (row.exit === undefined) process.stdout.write(renewed(bytesOf(row), row.type));
    else if (rows[next - 2]?.type === 'init_failed') process.exit(row.exit);
  }
}

function renewed(frame: Buffer, type: string | undefined): Buffer {
  if (type === 'ready') jsonMeta = false;
  if (type === 'hello') return withNonce(frame);
  const id = frame.readUInt32BE(ID_OFFSET);
  if (!NO_IDS.has(id)) frame.writeUInt32BE(idsNow.get(id) ?? id, ID_OFFSET);
  return frame;
}

/** HELLO with the nonce of this start and, if wanted, under another version. */
function withNonce(frame: Buffer): Buffer {
  const meta = JSON.parse(frame.toString('utf8', HEADER_BYTES));
  const facts = { nonce: process.env.POSE_SIDECAR_NONCE, pid: process.pid, version: VERSION ?? meta.version };
  const renewedMeta = Buffer.from(JSON.stringify({ ...meta, ...facts }));
  const head = Buffer.from(frame.subarray(0, HEADER_BYTES));
  head.writeUInt32BE(renewedMeta.byteLength, META_LENGTH_OFFSET);
  return Buffer.concat([head, renewedMeta]);
}

function bytesOf(row: Row | undefined): Buffer {
  return Buffer.from(row?.bytes ?? '', 'hex');
}
