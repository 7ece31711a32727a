import { expect, test } from 'vitest';
import { toPoseResult } from '../src/result.ts';
import type { ArraySpec, Person, ResultMessage, Skeleton } from '../src/wire/generated/messages.ts';

const skeleton: Skeleton = { name: 's', keypoints: ['a'], edges: [], has_z: false, has_world: false };
const person: Person = { id: null, score: 0.9, provenance: 'detected', bbox_xyxy: [0, 0, 1, 1] };

type Shapes = Record<string, number[]>;

const BODY: Shapes = {
  keypoints: [2, 1, 4],
  body_orient: [2, 3, 3],
  body_pose: [2, 5, 3, 3],
  body_betas: [2, 4],
  body_camera: [2, 4],
};
const MESH: Shapes = { ...BODY, body_vertices: [2, 3, 3], faces: [1, 3] };

/** Arrays of these shapes one after another; each number is its place in its array. */
function result(shapes: Shapes, faces = [0, 1, 2]): [ResultMessage, Uint8Array<ArrayBuffer>] {
  const arrays: ArraySpec[] = [];
  const numbers: number[] = [];
  for (const [name, shape] of Object.entries(shapes)) {
    arrays.push({ name, shape, offset: numbers.length * 4 });
    const count = shape.reduce((product, length) => product * length, 1);
    numbers.push(...(name === 'faces' ? faces : Array.from({ length: count }, (_, place) => place)));
  }
  const message: ResultMessage = {
    type: 'result',
    id: 1,
    width: 8,
    height: 6,
    persons: [person, person],
    arrays,
  };
  return [message, new Uint8Array(Float32Array.from(numbers).buffer)];
}

const read = (shapes: Shapes, faces?: number[]) => toPoseResult(...result(shapes, faces), skeleton);

test('a body is views of the bytes, not copies', () => {
  const [message, bytes] = result(MESH);
  const { persons, faces } = toPoseResult(message, bytes, skeleton);
  const body = persons[1]?.body;
  expect([...(body?.globalOrient ?? [])]).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17]);
  expect(body?.bodyPose).toHaveLength(45);
  expect([...(body?.betas ?? [])]).toEqual([4, 5, 6, 7]);
  expect([...(body?.translation ?? []), body?.focalPx]).toEqual([4, 5, 6, 7]);
  expect([...(body?.vertices ?? [])]).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17]);
  expect(body?.vertices?.buffer).toBe(bytes.buffer);
  expect(faces).toEqual(Uint32Array.of(0, 1, 2));
});

test('without meshes there are no vertices and no triangles', () => {
  const { persons, faces } = read(BODY);
  expect(persons.map(({ body }) => body?.vertices)).toEqual([null, null]);
  expect(faces).toBeNull();
});

test('nobody has no body, and triangles all the same', () => {
  const [message, bytes] = result({ faces: [1, 3] });
  const { persons, faces } = toPoseResult({ ...message, persons: [] }, bytes, skeleton);
  expect(persons).toEqual([]);
  expect(faces).toHaveLength(3);
});

test('people without bodies have none', () => {
  expect(read({ keypoints: [2, 1, 4] }).persons.map(({ body }) => body)).toEqual([null, null]);
});

test('a body of an array the client does not know is read as before', () => {
  expect(read({ ...BODY, body_hands: [2, 7] }).persons[0]?.body?.betas).toHaveLength(4);
});

test.for<[what: string, shapes: Shapes, words: string, faces?: number[]]>([
  ['no pose', { keypoints: [2, 1, 4], body_orient: [2, 3, 3] }, 'the result has bodies but no body_pose'],
  ['a flat pose', { ...BODY, body_pose: [2, 45] }, 'body_pose must have shape (2, k, 3, 3), got (2, 45)'],
  [
    'another number of people',
    { ...BODY, body_betas: [1, 8] },
    'body_betas must have shape (2, k), got (1, 8)',
  ],
  ['a camera without a focal length', { ...BODY, body_camera: [2, 3] }, 'body_camera must have shape (2, 4)'],
  [
    'flat vertices',
    { ...BODY, body_vertices: [2, 9] },
    'body_vertices must have shape (2, k, 3), got (2, 9)',
  ],
  [
    'faces of four corners',
    { ...MESH, faces: [1, 4] },
    'faces must have shape (f, 3), got (1, 4)',
    [0, 1, 2, 2],
  ],
  ['a corner beyond the mesh', MESH, 'faces must hold indices of 3 vertices, got 3', [0, 1, 3]],
  ['half a corner', MESH, 'got 0.5', [0, 0.5, 1]],
  ['a negative corner', MESH, 'got -1', [0, -1, 1]],
  ['a corner that is no number', MESH, 'got NaN', [0, Number.NaN, 1]],
  ['more faces than bytes', { ...MESH, faces: [2, 3] }, 'faces ends at byte', [0, 1, 2]],
])('%s is refused', ([, shapes, words, faces]) => {
  expect(() => read(shapes, faces)).toThrow(words);
});
