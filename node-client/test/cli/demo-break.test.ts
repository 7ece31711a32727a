import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { breakInterpreter } from '../../src/cli/broken-interpreter.ts';
import { demoBreak } from '../../src/cli/demo-break.ts';
import { oldServiceFrame } from '../../src/cli/old-service.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../repository.ts';
import { Collected } from './output.ts';

beforeEach(checkLeaks);
afterEach(() => vi.unstubAllEnvs());

describe.skipIf(!HAS_PYTHON)('with the repository’s interpreter', () => {
  test('the demonstration shows the old fault beside the new cause', async () => {
    vi.stubEnv('POSE_PYTHON', PYTHON);
    vi.stubEnv('POSE_SERVICE_PATH', ROOT);
    const out = new Collected();
    expect(await demoBreak(['cv2'], out), out.text).toBe(0);
    expect(out.text).toMatch(/stdin write failed: write EPIPE|Python exited with code 1/);
    expect(out.text).toContain('31 of 31 failed');
    expect(out.text).toMatch(/IMPORT_FAILED: .*cv2/);
    expect(out.text).toMatch(/Next step: .*pip install.*opencv-python/);
  });

  test('the broken interpreter lacks the module and nothing else, and is removed', async () => {
    const broken = await breakInterpreter(PYTHON, 'cv2');
    expect(await oldServiceFrame(broken.python, 'numpy')).toBeNull();
    expect(await oldServiceFrame(broken.python, 'cv2')).not.toBeNull();
    await broken[Symbol.asyncDispose]();
    expect(existsSync(dirname(broken.python))).toBe(false);
  });
});

test('only the name of a module is taken', async () => {
  await expect(breakInterpreter(PYTHON, 'cv2; import os')).rejects.toThrow(
    "'cv2; import os' is not the name of a module",
  );
});
