/** Dashboard and alerts ask for what a gateway really tells: every metric, every label, every value. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { OPTIONS } from '../../src/config/options.ts';
import { FIGURES, HAS_PYTHON, PICTURE, type Rig, ROOT, renderVideo, startGateway } from '../http/rig.ts';
import { alerts, OPS, panels, readYaml } from './ops-files.ts';
import { type Matcher, readQuery } from './promql.ts';

/** What Prometheus adds to every sample. */
const TARGET_LABELS = ['instance', 'job'];
/** Where a machine without a GPU tells names only. */
const GPU_LABELS = ['gpu'];
/** Values that stand for faults which no traffic provokes. */
const FAULTS: ReadonlySet<string> = new Set(['status=500', 'state=open']);

/** For daemons that start twice on a machine that is busy. */
const HOOK_MS = 60_000;

const QUERIES = [
  ...alerts().map(({ alert, expr }) => ({ name: alert, expr, legend: '' })),
  ...panels().flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat = '' }) => ({ name: title, expr, legend: legendFormat })),
  ),
].map((query) => ({ ...query, expr: query.expr.replaceAll('$__rate_interval', '5m') }));

describe.skipIf(!HAS_PYTHON)('what is asked for is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pose-ops-'));
  let rig: Rig;
  /** By metric, the values seen of each label. */
  let told: Map<string, Map<string, Set<string>>>;

  beforeAll(async () => {
    const clip = join(folder, 'clip.mp4');
    renderVideo(clip, 1);
    rig = await startGateway([...FIGURES, '--root', folder]);
    await rig.post('/pose/hybrid', { image_base64: PICTURE.toString('base64') });
    await rig.post('/pose/video', { video_path: clip });
    await rig.post('/v1/jobs', { video_path: clip, force: true, timeout_ms: 1 });
    await vi.waitFor(async () => expect((await rig.get('/v1/stats')).body.jobs.failed).toBe(1), 20_000);
    const [worker] = rig.gateway.service.pool.status().workers;
    if (!worker?.daemon) throw new Error('no daemon is ready');
    process.kill(worker.daemon.pid, 'SIGKILL');
    await vi.waitFor(async () => expect((await rig.get('/v1/stats')).body.pool.deaths).toBe(1), 10_000);
    await vi.waitFor(async () => expect((await rig.get('/readyz')).status).toBe(200), 20_000);
    told = samples((await rig.get('/metrics')).body);
  }, HOOK_MS);
  afterAll(async () => {
    await rig.close();
    rmSync(folder, { recursive: true });
  });

  test.for(QUERIES)('$name: $expr', ({ expr, legend }) => {
    const { metrics, groupings } = readQuery(expr);
    expect(metrics.length).toBeGreaterThan(0);
    for (const { name, matchers } of metrics) {
      if (name === 'up') continue; // of Prometheus itself
      expect(told.has(name), `there is no metric ${name}`).toBe(true);
      for (const matcher of matchers) checkMatcher(name, matcher);
    }
    const known = new Set(
      metrics.flatMap(({ name }) => [...(told.get(name)?.keys() ?? []), ...TARGET_LABELS]),
    );
    if (metrics.some(({ name }) => name.startsWith('pose_gpu_')))
      for (const label of GPU_LABELS) known.add(label);
    const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    expect([...groupings, ...shown].filter((label) => !known.has(label))).toEqual([]);
  });

  function checkMatcher(name: string, { label, operator, value }: Matcher): void {
    if (TARGET_LABELS.includes(label)) return;
    const values = told.get(name)?.get(label);
    expect(values, `${name} has no label ${label}`).toBeDefined();
    if (operator.startsWith('!') || FAULTS.has(`${label}=${value}`)) return;
    for (const one of operator === '=~' ? value.split('|') : [value]) {
      expect([...(values ?? [])], `${label} of ${name}`).toContain(one);
    }
  }
});

describe('alerts', () => {
  test.for(alerts())(
    '$alert says what, how bad, and where to read on',
    ({ alert, expr, labels, annotations, ...rest }) => {
      expect(alert).toMatch(/^Pose[A-Z]/);
      expect(expr).not.toBe('');
      expect(['page', 'ticket']).toContain(labels.severity);
      expect(annotations.summary).toContain('$labels.');
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
      expect(rest.for ?? '1m').toMatch(/^\d+[smh]$/);
    },
  );

  test('have names of their own', () => {
    const names = alerts().map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
  });

  test('PoseQueueLong is the limit of `degraded`, whatever it is set to, for 5 minutes', () => {
    const rule = alerts().find(({ alert }) => alert === 'PoseQueueLong');
    expect(rule?.expr).toBe('pose_queue_length > on (instance) pose_queue_degraded_length');
    expect(rule?.for).toBe('5m');
    expect(OPTIONS.degradedQueue.fallback).toBe(10);
  });
});

test('the scrape configuration names the job that PoseDown asks for, and the rules', () => {
  const { scrape_configs: scrapes, rule_files: rules } = readYaml(join(OPS, 'prometheus.yml')) as {
    readonly scrape_configs: readonly { readonly job_name: string; readonly metrics_path: string }[];
    readonly rule_files: readonly string[];
  };
  expect(scrapes).toMatchObject([{ job_name: 'pose', metrics_path: '/metrics' }]);
  expect(alerts().find(({ alert }) => alert === 'PoseDown')?.expr).toContain('job="pose"');
  for (const file of rules) expect(readFileSync(join(OPS, file), 'utf8')).not.toBe('');
});

describe('the dashboard', () => {
  test('has no panel over another, none beyond the edge, and no id twice', () => {
    const all = panels() as readonly (ReturnType<typeof panels>[number] & { readonly id: number })[];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test.for(['Queue', 'Jobs', 'Latency', 'Workers', 'Videos', 'Machine'])('has a row %s', (title) => {
    expect(
      panels()
        .filter(({ type }) => type === 'row')
        .map((row) => row.title),
    ).toContain(title);
  });

  test('names no data source and no machine of its maker', () => {
    const text = readFileSync(join(ROOT, 'docs', 'ops', 'grafana-dashboard.json'), 'utf8');
    expect(
      [...text.matchAll(/"uid": "([^"]*)"/g)]
        .map(([, uid]) => uid)
        .filter((uid) => uid?.startsWith('$') !== true),
    ).toEqual(['pose-gateway']);
  });
});

/** Metrics that are declared count as told, also without a sample. */
function samples(text: string): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  const labelsOf = (name: string) => found.get(name) ?? found.set(name, new Map()).get(name) ?? new Map();
  for (const line of text.split('\n')) {
    const declared = /^# TYPE (\S+)/.exec(line)?.[1];
    if (declared !== undefined) labelsOf(declared);
    const [, name, labels = ''] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? /.exec(line) ?? [];
    if (name === undefined) continue;
    for (const [, label = '', value = ''] of labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)) {
      const of = labelsOf(name);
      of.set(label, (of.get(label) ?? new Set()).add(value));
    }
    labelsOf(name);
  }
  return found;
}
