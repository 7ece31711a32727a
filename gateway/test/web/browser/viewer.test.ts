/** The page in a real browser, one at a time: suites that share a folder. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { describeDownloads } from './downloads.ts';
import { describeProblems } from './problems.ts';
import { describeResult } from './result.ts';
import { describeScrubbing } from './scrub.ts';
import { describeSync } from './sync.ts';

const folder = mkdtempSync(join(tmpdir(), 'pose-viewer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeResult(folder);
describeDownloads(folder);
describeSync(folder);
describeProblems(folder);
describeScrubbing(folder);
