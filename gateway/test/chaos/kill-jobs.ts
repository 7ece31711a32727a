/** One chaos run: jobs on hosts that are killed at random moments; at the end every job is asked for. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { seededRandom } from '../../../tests/chaos/seeded-random.ts';
import { type Job, MAX_PAGE } from '../../src/jobs/job.ts';
import { SqliteStore } from '../../src/store/sqlite-store.ts';
import type { HostPlan } from './host.ts';
import { Hosts } from './hosts.ts';
import { countOverlaps, readLines, runsOf } from './run-log.ts';
import { makeVideos } from './videos.ts';

export interface ChaosSettings {
  readonly folder: string;
  readonly victims: 'gateway' | 'daemons';
  readonly kills: number;
  readonly jobs: number;
  /** Gateways on one store at once. */
  readonly hosts: number;
  readonly seed: number;
  /** Of each video. */
  readonly seconds: number;
  readonly delayMs: number;
}

export interface ChaosReport {
  readonly victims: ChaosSettings['victims'];
  readonly jobs: number;
  /** Jobs that were completed. */
  readonly finished: number;
  /** Jobs that were accepted and are not there. */
  readonly lost: number;
  readonly failed: number;
  /** Pairs of runs of one job that overlap in time. */
  readonly twiceAtOnce: number;
  /** Jobs whose files differ from those of the undisturbed run. */
  readonly different: number;
  /** While there was work. */
  readonly kills: number;
  readonly runs: number;
  readonly seconds: number;
}

/** Seconds without the end of the last job after which it never comes. */
const PATIENCE_S = 300;
const LOOK_EVERY_MS = 100;

/** Milliseconds between two kills, from the first to the second at random: from before READY to long after. */
const GAP_MS = { gateway: [200, 4_000], daemons: [200, 1_500] } as const;

export async function killJobs(settings: ChaosSettings): Promise<ChaosReport> {
  const { folder, victims, kills, jobs, hosts: count, seed } = settings;
  const videos = makeVideos(join(folder, 'videos'), jobs, settings.seconds);
  const expected = await undisturbed(settings, videos);
  const random = seededRandom(seed);
  const plan = planFor(settings, join(folder, 'disturbed'), videos, count);
  const store = new SqliteStore({ file: plan.database });
  const startedAtMs = performance.now();
  const hosts = new Hosts(plan, count, random);
  let killed = 0;
  const [shortest, longest] = GAP_MS[victims];
  while (killed < kills && isWorking(store, jobs)) {
    await delay(shortest + random() * (longest - shortest));
    if (!isWorking(store, jobs)) break;
    if (victims === 'gateway') await hosts.killOne();
    else if (!hosts.killDaemon()) continue;
    killed += 1;
  }
  await allOver(store, jobs);
  await hosts.stop();
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const found = store.list({ limit: MAX_PAGE }).jobs;
  store.close();
  const lines = readLines(plan.runLog);
  const ids = new Set(found.map(({ id }) => id));
  const accepted = new Set(lines.flatMap((line) => (line.kind === 'accepted' ? line.id : [])));
  const runs = runsOf(lines);
  return {
    victims,
    jobs,
    finished: found.filter(({ state }) => state === 'completed').length,
    lost: [...accepted].filter((id) => !ids.has(id)).length,
    failed: found.filter(({ state }) => state === 'failed').length,
    twiceAtOnce: countOverlaps(runs),
    different: found.filter((job) => filesOf(job) !== expected.get(job.videoPath)).length,
    kills: killed,
    runs: runs.length,
    seconds,
  };
}

async function undisturbed(settings: ChaosSettings, videos: readonly string[]): Promise<Map<string, string>> {
  const plan = planFor(settings, join(settings.folder, 'undisturbed'), videos, 1);
  const store = new SqliteStore({ file: plan.database });
  const hosts = new Hosts(plan, 1, Math.random);
  await allOver(store, videos.length);
  await hosts.stop();
  const files = new Map(store.list({ limit: MAX_PAGE }).jobs.map((job) => [job.videoPath, filesOf(job)]));
  store.close();
  return files;
}

function planFor(
  { delayMs }: ChaosSettings,
  folder: string,
  videos: readonly string[],
  hosts: number,
): HostPlan {
  mkdirSync(folder, { recursive: true });
  return {
    database: join(folder, 'jobs.sqlite'),
    runLog: join(folder, 'runs.jsonl'),
    out: join(folder, 'out'),
    videos,
    size: Math.max(1, Math.floor(2 / hosts)),
    delayMs,
  };
}

function isWorking(store: SqliteStore, jobs: number): boolean {
  const { completed, failed } = store.stats().counts;
  return completed + failed < jobs;
}

async function allOver(store: SqliteStore, jobs: number): Promise<void> {
  const endMs = performance.now() + PATIENCE_S * 1_000;
  while (isWorking(store, jobs)) {
    if (performance.now() > endMs) throw new Error(`not all jobs were over after ${PATIENCE_S} s`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Everything in a result but how long it took. */
function filesOf({ result }: Job): string {
  if (result === null || !existsSync(result.directory)) return 'nothing';
  const files = readdirSync(result.directory)
    .toSorted()
    .map((name) => [name, readFileSync(join(result.directory, name)).toString('base64')] as const);
  const contents = files.map(([name, base64]) => {
    if (name !== 'summary.json') return [name, base64];
    const { seconds, frames_per_second, ...summary } = JSON.parse(Buffer.from(base64, 'base64').toString());
    return [name, summary];
  });
  return JSON.stringify(contents);
}
