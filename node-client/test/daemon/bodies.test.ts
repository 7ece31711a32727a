/** Bodies from the real daemon: every number of an estimator that says which it is, and those of HMR2.0 itself. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Body,
  type EstimateOptions,
  type Person,
  Sidecar,
  type SidecarOptions,
} from '../../src/index.ts';
import { checkLeaks } from '../leaks.ts';
import { HAS_PYTHON, PYTHON } from '../repository.ts';
import { pluginDaemon } from './plugin-daemon.ts';

beforeEach(checkLeaks);

const grey = { data: new Uint8Array(640 * 360).fill(128), width: 640, height: 360, format: 'gray8' as const };
const hasTorch =
  HAS_PYTHON &&
  spawnSync(PYTHON, ['-c', 'import importlib.util as u, sys; sys.exit(not u.find_spec("torch"))']).status ===
    0;

const counted = (from: number, count: number) => Array.from({ length: count }, (_, place) => from + place);

describe.skipIf(!HAS_PYTHON)('an estimator of bodies', () => {
  test('each number comes where it belongs, and triangles only when asked for', async () => {
    await using sidecar = await Sidecar.start(
      pluginDaemon('bodied', 'bodied_estimator', { options: { meshes: 'on' } }),
    );
    const { persons, faces } = await sidecar.estimate(grey, { faces: true });
    expect(persons).toHaveLength(2);
    for (const [index, { keypoints, body }] of persons.entries()) {
      const from = index * 100;
      expect([...keypoints]).toEqual(counted(from, 17 * 4));
      const { globalOrient, bodyPose, betas, translation, focalPx, vertices } = body as Body;
      expect([...globalOrient]).toEqual(counted(from, 9));
      expect([...bodyPose]).toEqual(counted(from, 23 * 9));
      expect([...betas]).toEqual(counted(from, 10));
      expect([...translation]).toEqual(counted(from, 3));
      expect(focalPx).toBe(1000 + index);
      expect([...(vertices as Float32Array)]).toEqual(counted(from, 12));
    }
    expect([...(faces as Uint32Array)]).toEqual([0, 1, 2, 2, 1, 3]);
    await expect(sidecar.estimate(grey)).resolves.toMatchObject({ faces: null });
  });

  test('without meshes there are parameters, and no triangles even when asked for', async () => {
    await using sidecar = await Sidecar.start(pluginDaemon('bodied', 'bodied_estimator'));
    const { persons, faces } = await sidecar.estimate(grey, { faces: true });
    expect(persons.map(({ body }) => [body?.vertices, body?.betas.length])).toEqual([
      [null, 10],
      [null, 10],
    ]);
    expect(faces).toBeNull();
  });
});

test.skipIf(!HAS_PYTHON)('the example of the README works', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] as string;
  const lines: unknown[][] = [];
  // The example as it stands, with the numbered estimator in place of HMR2.0 and a picture in place of the path.
  const start = async ({ options = {}, estimator }: SidecarOptions) => {
    expect(estimator).toBe('hmr2');
    const sidecar = await Sidecar.start(pluginDaemon('bodied', 'bodied_estimator', { options }));
    return {
      estimate: (_: string, settings: EstimateOptions) => sidecar.estimate(grey, settings),
      close: () => sidecar.close(),
    };
  };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const run = new AsyncFunction('PosePool', 'console', program);
  await run({ start }, { log: (...words: unknown[]) => lines.push(words) });
  expect(lines).toEqual([
    [23, 10, 1000, 4, 2],
    [23, 10, 1001, 4, 2],
  ]);
});

test.skipIf(!hasTorch)(
  'HMR2.0: a vertex seen by the camera is its keypoint',
  { timeout: 120_000 },
  async () => {
    const options = { meshes: 'on', device: 'cpu' };
    await using sidecar = await Sidecar.start(
      pluginDaemon('tiny-hmr2', 'tiny_hmr2', { options, threads: 1 }),
    );
    const { persons, faces, skeleton, width, height } = await sidecar.estimate(grey, { faces: true });
    expect(sidecar.ready.skeleton.name).toBe('smpl_44');
    expect(faces).toHaveLength(13_776 * 3);
    const [person] = persons as [Person];
    const { globalOrient, bodyPose, betas, translation, focalPx, vertices } = person.body as Body;
    expect([bodyPose.length, betas.length, vertices?.length]).toEqual([23 * 9, 10, 6890 * 3]);
    for (const matrix of [
      globalOrient,
      ...counted(0, 23).map((joint) => bodyPose.subarray(joint * 9, joint * 9 + 9)),
    ]) {
      expect(determinant(matrix)).toBeCloseTo(1, 4);
    }
    // Of SMPL: the nose is this vertex.
    const nose = (vertices as Float32Array).subarray(332 * 3, 333 * 3);
    const [x = 0, y = 0, z = 0] = nose.map((metres, axis) => metres + (translation[axis] as number));
    const at = skeleton.keypoints.indexOf('nose') * 4;
    const [u = 0, v = 0] = person.keypoints.subarray(at, at + 2) as Float32Array;
    expect((focalPx * x) / z + width / 2).toBeCloseTo(u, 1);
    expect((focalPx * y) / z + height / 2).toBeCloseTo(v, 1);
  },
);

function determinant([
  a = 0,
  b = 0,
  c = 0,
  d = 0,
  e = 0,
  f = 0,
  g = 0,
  h = 0,
  i = 0,
]: Iterable<number>): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
