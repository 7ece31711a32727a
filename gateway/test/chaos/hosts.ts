/** Starts hosts, kills them or their daemons at random, and starts new ones. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HostPlan } from './host.ts';
import { sharedNowMs, writeLine } from './run-log.ts';

const HOST = fileURLToPath(new URL('./host.ts', import.meta.url));

/** Milliseconds a daemon must have lived: who kills daemons that only start, opens the breaker, as it shall. */
const DAEMON_AGE_MS = 1_500;

export class Hosts {
  readonly #plan: HostPlan;
  readonly #random: () => number;
  readonly #living: ChildProcess[] = [];
  readonly #daemonsSeenAtMs = new Map<number, number>();

  constructor(plan: HostPlan, count: number, random: () => number) {
    this.#plan = plan;
    this.#random = random;
    for (let number = 0; number < count; number += 1) this.#start();
  }

  /** Kill one, and start another in its place. */
  async killOne(): Promise<void> {
    const [host] = this.#living.splice(Math.floor(this.#random() * this.#living.length), 1);
    if (host?.pid === undefined) throw new Error('there is no host to kill');
    if (host.exitCode !== null) throw new Error(`a host ended by itself with exit code ${host.exitCode}`);
    writeLine(this.#plan.runLog, { kind: 'killed', pid: host.pid, atMs: sharedNowMs() });
    host.kill('SIGKILL');
    await once(host, 'exit');
    this.#start();
  }

  /** Kill a daemon of any host; false when none is old enough. Linux only. */
  killDaemon(): boolean {
    const nowMs = sharedNowMs();
    const old = this.#daemons().filter((pid) => {
      const seenAtMs = this.#daemonsSeenAtMs.get(pid) ?? nowMs;
      this.#daemonsSeenAtMs.set(pid, seenAtMs);
      return nowMs - seenAtMs >= DAEMON_AGE_MS;
    });
    const victim = old[Math.floor(this.#random() * old.length)];
    if (victim === undefined) return false;
    process.kill(victim, 'SIGKILL');
    this.#daemonsSeenAtMs.delete(victim);
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#living.map(async (host) => {
        if (host.exitCode !== null) return;
        host.kill('SIGTERM');
        await once(host, 'exit');
      }),
    );
  }

  #start(): void {
    const flags = ['--experimental-strip-types', '--no-warnings'];
    const host = spawn(process.execPath, [...flags, HOST, JSON.stringify(this.#plan)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#living.push(host);
  }

  #daemons(): number[] {
    return this.#living.flatMap(({ pid }) => {
      const tasks = `/proc/${pid}/task`;
      return readdirSync(tasks).flatMap((task) =>
        readFileSync(`${tasks}/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
      );
    });
  }
}
