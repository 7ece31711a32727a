import { expect, test } from 'vitest';
import { daemonEnvironment, THREAD_CAPS } from '../../src/process/environment.ts';

const settings = { nonce: 'n', threads: 3, extra: {} };

test('row 8: what the system needs passes, secrets do not', () => {
  const env = daemonEnvironment(
    {
      PATH: '/bin',
      SystemRoot: 'C:\\Windows',
      LC_ALL: 'C',
      POSE_CACHE_DIR: '/c',
      AWS_SECRET_ACCESS_KEY: 's',
      DATABASE_URL: 'u',
    },
    settings,
  );
  expect(env).toMatchObject({ PATH: '/bin', SystemRoot: 'C:\\Windows', LC_ALL: 'C', POSE_CACHE_DIR: '/c' });
  expect(env).not.toHaveProperty('AWS_SECRET_ACCESS_KEY');
  expect(env).not.toHaveProperty('DATABASE_URL');
});

test('row 10: modules cannot be shadowed from the host', () => {
  const env = daemonEnvironment(
    { PYTHONPATH: '/planted', PYTHONHOME: '/planted', PYTHONSTARTUP: 'x' },
    settings,
  );
  expect(env.PYTHONSAFEPATH).toBe('1');
  expect(env).not.toHaveProperty('PYTHONPATH');
  expect(env).not.toHaveProperty('PYTHONHOME');
  expect(env).not.toHaveProperty('PYTHONSTARTUP');
});

test('row 70: every library that starts threads is capped', () => {
  const env = daemonEnvironment({}, settings);
  for (const name of THREAD_CAPS) expect(env[name]).toBe('3');
});

test('the caller may add, override and remove; the nonce is ours', () => {
  const env = daemonEnvironment(
    { HOME: '/h', LANG: 'C' },
    {
      nonce: 'ours',
      threads: 1,
      servicePath: '/service',
      modelsDir: '/models',
      extra: { EXTRA: 'e', HOME: undefined, POSE_SIDECAR_NONCE: 'theirs', OMP_NUM_THREADS: '9' },
    },
  );
  expect(env).toMatchObject({
    EXTRA: 'e',
    PYTHONPATH: '/service',
    POSE_MODELS_DIR: '/models',
    OMP_NUM_THREADS: '9',
  });
  expect(env).not.toHaveProperty('HOME');
  expect(env.POSE_SIDECAR_NONCE).toBe('ours');
});
