/** [W-94] Every recorded daemon with this client: it works, or it is VERSION_SKEW; never a hang. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sidecar, type SidecarOptions, VERSION } from '../../src/index.ts';
import { failure } from '../failures.ts';
import { checkLeaks } from '../leaks.ts';
import { ROOT } from '../repository.ts';

beforeEach(checkLeaks);

const TRANSCRIPTS = join(ROOT, 'protocol', 'transcripts');
const REPLAY = join(import.meta.dirname, 'replay-daemon.ts');
/** The oldest Node runs TypeScript only when told to. */
const NODE = [process.execPath, '--experimental-strip-types', '--no-warnings'];
const image = { data: new Uint8Array(12), width: 2, height: 2, format: 'rgb24' as const };

/** A daemon that plays a recording, under the version it was recorded with or under another one. */
function daemon(recording: string, version?: string): SidecarOptions {
  return { command: [...NODE, REPLAY, join(TRANSCRIPTS, recording), ...(version ? [version] : [])] };
}

function recordings(folder: string): string[] {
  return readdirSync(join(TRANSCRIPTS, folder)).map((file) => `${folder}/${file}`);
}

async function oneEstimate(options: SidecarOptions): Promise<string> {
  let sidecar: Sidecar;
  try {
    sidecar = await Sidecar.start(options);
  } catch (error) {
    return (error as { code: string }).code;
  }
  try {
    const { persons, width } = await sidecar.estimate(image);
    return `${persons.length} people, ${width} px wide`;
  } finally {
    await sidecar.close();
  }
}

describe.for(['v1/estimates.jsonl', 'v1-later/estimates.jsonl'])('%s', (recording) => {
  test('is understood', async () => {
    expect(await oneEstimate(daemon(recording, VERSION))).toBe('0 people, 2 px wide');
  });

  test('works or is VERSION_SKEW, under the version it had', async () => {
    expect(['0 people, 2 px wide', 'VERSION_SKEW']).toContain(await oneEstimate(daemon(recording)));
  });
});

test('v1/failed-start.jsonl is a failed start with its reason', async () => {
  const error = await failure(Sidecar.start(daemon('v1/failed-start.jsonl', VERSION)));
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect(error.message).toContain('no-such');
});

test.for(recordings('v9'))('[W-42] %s is VERSION_SKEW, with both sides’ majors', async (recording) => {
  const error = await failure(Sidecar.start(daemon(recording, VERSION)));
  expect(error).toMatchObject({ code: 'VERSION_SKEW' });
  expect(error.message).toContain('[9]');
  expect(error.message).toContain('[1]');
});
