/** One daemon and its client. */
import { PoseError } from './errors.ts';
import { checkEstimateOptions, type EstimateOptions } from './estimate-options.ts';
import { estimateWork } from './estimate-work.ts';
import type { ImageInput } from './image.ts';
import type { ResolvedOptions, SidecarOptions } from './options.ts';
import { Dispatcher } from './pool/dispatcher.ts';
import type { Daemon } from './process/daemon.ts';
import { launch } from './process/launch.ts';
import { resolveOptions } from './resolve-options.ts';
import type { PoseResult } from './result.ts';
import { daemonStatus, type SidecarStatus } from './status.ts';
import type { HelloMessage, ReadyMessage } from './wire/generated/messages.ts';

/** What `Sidecar.check()` found. */
export type CheckReport =
  | {
      readonly ok: true;
      readonly hello: HelloMessage;
      readonly ready: ReadyMessage;
      /** Milliseconds from the call to READY. */
      readonly readyMs: number;
      /** Milliseconds for one estimate of a small grey picture, transport included. */
      readonly inferenceMs: number;
      readonly error: null;
    }
  | { readonly ok: false; readonly error: PoseError };

const CHECK_SIZE = 64;
const GREY = 128;

/**
 * One daemon. Calls beyond its credit wait here, where they can be cancelled. When it ends, it stays ended; a
 * `PosePool` keeps going on its other daemons.
 */
export class Sidecar implements AsyncDisposable {
  readonly #daemon: Daemon;
  readonly #dispatcher: Dispatcher;
  readonly #deadlineMs: number;

  private constructor(daemon: Daemon, { deadlineMs, maxQueue }: ResolvedOptions) {
    this.#daemon = daemon;
    this.#deadlineMs = deadlineMs;
    // With one daemon there is no other to try.
    this.#dispatcher = new Dispatcher({ maxQueue, retry: { maxAttempts: 1, quarantineAfter: 0 } });
    this.#dispatcher.add(daemon);
    void daemon.ended.then(({ error }) => {
      if (error !== null) this.#dispatcher.refuse(error);
    });
  }

  /** Start a daemon and wait until it is ready. Throws PoseError; then no process is left. */
  static async start(options: SidecarOptions = {}): Promise<Sidecar> {
    const resolved = resolveOptions({ ...options, size: 1 });
    return new Sidecar(await launch(resolved), resolved);
  }

  /** Start a daemon, run one real inference, end it. Reports a failure instead of throwing it. */
  static async check(options: SidecarOptions = {}): Promise<CheckReport> {
    const startedAtMs = performance.now();
    try {
      const sidecar = await Sidecar.start(options);
      const readyMs = performance.now() - startedAtMs;
      try {
        return await sidecar.#inferOnce(readyMs);
      } finally {
        await sidecar.close();
      }
    } catch (error) {
      if (!(error instanceof PoseError)) throw error;
      return { ok: false, error };
    }
  }

  /** What the daemon said first: versions, limits, its own process id. */
  get hello(): HelloMessage {
    return this.#daemon.hello;
  }

  /** What the daemon said when it became ready: model digests, device, packages, timings. */
  get ready(): ReadyMessage {
    return this.#daemon.ready;
  }

  /** Find the people in one image. Settles exactly once; rejects with PoseError. */
  async estimate(image: ImageInput, options: EstimateOptions = {}): Promise<PoseResult> {
    checkEstimateOptions(options);
    const { signal, deadlineMs = this.#deadlineMs, trace } = options;
    return this.#dispatcher.submit({ work: estimateWork(image, options), deadlineMs, signal, trace });
  }

  status(): SidecarStatus {
    const { queued, answered, failed } = this.#dispatcher;
    return { ...daemonStatus(this.#daemon), queued, answered, failed };
  }

  /** Let running work finish, reject what waits, end the process. Idempotent, never throws, bounded in time. */
  async close(): Promise<void> {
    this.#dispatcher.refuse(new PoseError('POOL_CLOSED', 'the sidecar was closed'));
    await this.#daemon.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #inferOnce(readyMs: number): Promise<CheckReport> {
    const sentAtMs = performance.now();
    const data = new Uint8Array(CHECK_SIZE * CHECK_SIZE).fill(GREY);
    await this.estimate({ data, width: CHECK_SIZE, height: CHECK_SIZE, format: 'gray8' });
    const inferenceMs = performance.now() - sentAtMs;
    const { hello, ready } = this.#daemon;
    return { ok: true, hello, ready, readyMs, inferenceMs, error: null };
  }
}
