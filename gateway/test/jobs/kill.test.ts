/** Whatever is killed, every job that was accepted is finished, once, with the same files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { killJobs } from '../chaos/kill-jobs.ts';
import { violations } from '../chaos/report.ts';
import { HAS_PYTHON } from '../chaos/repository.ts';
import { countOverlaps, type RunLine, runsOf } from '../chaos/run-log.ts';

describe.skipIf(!HAS_PYTHON || process.platform !== 'linux')(
  'rows 72 and 73: killed at random moments',
  () => {
    test.for([
      ['gateway', 2],
      ['daemons', 1],
    ] as const)('%s', { timeout: 240_000 }, async ([victims, hosts]) => {
      const folder = mkdtempSync(join(tmpdir(), 'pose-kill-'));
      onTestFinished(() => rmSync(folder, { recursive: true }));
      const report = await killJobs({
        folder,
        victims,
        hosts,
        kills: 8,
        jobs: 6,
        seed: 5,
        seconds: 3,
        delayMs: 40,
      });
      expect(violations(report), JSON.stringify(report)).toEqual([]);
      expect(report).toMatchObject({ finished: 6, lost: 0, failed: 0, twiceAtOnce: 0, different: 0 });
      expect(report.kills).toBeGreaterThan(2);
      if (victims === 'gateway') expect(report.runs).toBeGreaterThan(6);
    });
  },
);

describe('the record of runs', () => {
  const start = (path: string, pid: number, atMs: number): RunLine => ({ kind: 'start', path, pid, atMs });
  const end = (path: string, pid: number, atMs: number): RunLine => ({ kind: 'end', path, pid, atMs });
  const killed = (pid: number, atMs: number): RunLine => ({ kind: 'killed', pid, atMs });

  test.for([
    ['one after another', [start('a', 1, 0), end('a', 1, 5), start('a', 2, 5), end('a', 2, 9)], 0],
    ['a killed one and its successor', [start('a', 1, 0), killed(1, 4), start('a', 2, 4), end('a', 2, 9)], 0],
    ['others at the same time', [start('a', 1, 0), start('b', 1, 1), end('b', 1, 3), end('a', 1, 4)], 0],
    ['two at once', [start('a', 1, 0), start('a', 2, 3), end('a', 1, 5), end('a', 2, 9)], 1],
    ['two at once in one process', [start('a', 1, 0), start('a', 1, 3), end('a', 1, 5)], 1],
    ['one before the kill of another', [start('a', 1, 0), start('a', 2, 3), killed(1, 4), end('a', 2, 9)], 1],
    ['one beside one that never ended', [start('a', 1, 0), start('a', 2, 99), end('a', 2, 100)], 1],
    ['lines that were written late', [start('a', 2, 5), end('a', 2, 9), start('a', 1, 0), end('a', 1, 5)], 0],
  ] as const)('of %s', ([, lines, overlaps]) => {
    expect(countOverlaps(runsOf(lines))).toBe(overlaps);
  });

  test('what is broken is said', () => {
    const good = { victims: 'gateway', jobs: 3, kills: 1, runs: 3, seconds: 1 } as const;
    const counts = { finished: 3, lost: 0, failed: 0, twiceAtOnce: 0, different: 0 };
    expect(violations({ ...good, ...counts })).toEqual([]);
    for (const [name, value] of Object.entries({ finished: 2, lost: 1, twiceAtOnce: 1, different: 1 }))
      expect(violations({ ...good, ...counts, [name]: value })).toHaveLength(1);
  });
});
