/** Writes what every request spent its time on, in both processes, as one file for Perfetto. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { PoseError } from '../errors.ts';
import type { ClockAlignment, Timeline } from '../process/timeline.ts';

/** A call that has come back from a daemon, with a result or without. */
export interface Traced {
  readonly op: string;
  readonly attempt: number;
  readonly enteredAtMs: number;
  readonly ok: boolean;
  readonly timeline: Timeline;
  readonly clock: ClockAlignment;
}

interface Span {
  readonly name: string;
  readonly pid: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** In the order in which the daemon goes through them. */
const STAGES = ['queue', 'decode', 'infer', 'encode'] as const;

/** The spans of one call, one after another and without gaps, from the caller to the caller. */
export function spansOf({ enteredAtMs, timeline, clock }: Traced, hostPid: number): readonly Span[] {
  const { pid, sentAtMs, writtenAtMs, daemon, answeredAtMs } = timeline;
  const endMs = answeredAtMs ?? sentAtMs;
  const receivedAtMs = daemon === null ? null : clock.toOurMs(daemon.receivedUs);
  const points: { name: string; pid: number; untilMs: number }[] = [
    { name: 'queue', pid: hostPid, untilMs: sentAtMs },
  ];
  if (daemon === null || receivedAtMs === null) {
    points.push({ name: 'daemon', pid, untilMs: endMs });
  } else {
    // The daemon may read the header while we still write the body.
    points.push({
      name: 'write',
      pid: hostPid,
      untilMs: Math.min(writtenAtMs ?? receivedAtMs, receivedAtMs),
    });
    points.push({ name: 'wire', pid: hostPid, untilMs: receivedAtMs });
    let atMs = receivedAtMs;
    for (const stage of STAGES) {
      atMs += daemon.stagesMs[stage] ?? 0;
      points.push({ name: stage === 'queue' ? 'prefetched' : stage, pid, untilMs: atMs });
    }
    points.push({ name: 'read', pid: hostPid, untilMs: endMs });
  }
  const spans: Span[] = [];
  let fromMs = enteredAtMs;
  for (const { name, pid: owner, untilMs } of points) {
    const toMs = Math.min(Math.max(untilMs, fromMs), endMs);
    if (toMs > fromMs) spans.push({ name, pid: owner, fromMs, toMs });
    fromMs = Math.max(fromMs, toMs);
  }
  return spans;
}

/** A request is an exchange too, and often a quicker one than a ping. */
function alignBy({ timeline: { sentAtMs, daemon, answeredAtMs }, clock }: Traced): void {
  if (daemon === null || answeredAtMs === null) return;
  const { receivedUs, stagesMs } = daemon;
  const repliedUs = receivedUs + 1000 * STAGES.reduce((sum, stage) => sum + (stagesMs[stage] ?? 0), 0);
  clock.exchanged({ sentAtMs, receivedUs, repliedUs, answeredAtMs });
}

/** An open trace. Close it, and drop the file on ui.perfetto.dev or chrome://tracing. */
export class Trace implements AsyncDisposable {
  readonly file: string;
  readonly #out: WriteStream;
  readonly #named = new Set<number>();
  readonly #onClose: () => void;
  #calls = 0;
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(file: string, onClose: () => void) {
    this.file = file;
    this.#onClose = onClose;
    this.#out = createWriteStream(file);
    this.#out.on('error', (error) => {
      this.#failure = error;
      onClose();
    });
    this.#out.write('[');
    this.#name(process.pid, 'node');
  }

  add(traced: Traced): void {
    if (this.#closing !== null || this.#failure !== null) return;
    const { op, attempt, ok, enteredAtMs, timeline } = traced;
    alignBy(traced);
    const spans = spansOf(traced, process.pid);
    const endMs = spans.at(-1)?.toMs ?? enteredAtMs;
    this.#name(timeline.pid, 'daemon');
    this.#calls += 1;
    const id = this.#calls;
    this.#span({ name: op, pid: process.pid, fromMs: enteredAtMs, toMs: endMs }, id, {
      attempt,
      ok,
      pid: timeline.pid,
    });
    for (const span of spans) this.#span(span, id);
  }

  /** Resolves when the file is whole. Throws NO_RESOURCES when it could not be written. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#finish();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #finish(): Promise<void> {
    this.#onClose();
    try {
      if (this.#failure !== null) throw this.#failure;
      this.#out.end('\n{}]\n');
      await finished(this.#out);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const hint = 'Pass a file in a folder that can be written.';
      throw new PoseError('NO_RESOURCES', `the trace ${this.file} cannot be written: ${reason}`, {
        cause,
        hint,
      });
    }
  }

  #name(pid: number, what: string): void {
    if (this.#named.has(pid)) return;
    this.#named.add(pid);
    this.#write({ ph: 'M', name: 'process_name', pid, args: { name: `${what} ${pid}` } });
  }

  /** Calls overlap, so each has a track of its own: asynchronous events with its number. */
  #span({ name, pid, fromMs, toMs }: Span, id: number, args?: object): void {
    const event = { cat: 'pose', name, id, pid, tid: pid };
    this.#write({ ...event, ph: 'b', ts: toMicroseconds(fromMs), ...(args && { args }) });
    this.#write({ ...event, ph: 'e', ts: toMicroseconds(toMs) });
  }

  #write(event: object): void {
    this.#out.write(`\n${JSON.stringify(event)},`);
  }
}

function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000);
}
