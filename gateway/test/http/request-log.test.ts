/** Who only asks is not written down; who changes something, or is refused, is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIGURES, HAS_PYTHON, PICTURE, type Rig, startGateway } from './rig.ts';

const IMAGE = { image_base64: PICTURE.toString('base64') };
const RAW = { body: PICTURE, headers: { 'content-type': 'image/png' } };

describe.skipIf(!HAS_PYTHON)('the log of requests', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startGateway(FIGURES);
  });
  afterAll(() => rig.close());

  const json = (body: object) => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

  test.for<[path: string, init: RequestInit, status: number, isLogged: boolean]>([
    ['/health', {}, 200, false],
    ['/nowhere', {}, 404, true],
    ['/pose/hybrid', { method: 'POST', ...json(IMAGE) }, 200, false],
    ['/pose/hybrid', { method: 'POST', ...json({}) }, 400, true],
    ['/pose/batch', { method: 'POST', ...json({ images: [IMAGE] }) }, 200, false],
    ['/v1/frames', { method: 'POST', ...RAW }, 200, false],
    ['/v1/frames?min_score=2', { method: 'POST', ...RAW }, 400, true],
    ['/v1/jobs/nobody', { method: 'DELETE' }, 404, true],
  ])('%s with %j: %i, written down: %s', async ([path, init, status, isLogged]) => {
    const before = rig.lines.length;
    expect((await rig.get(path, init)).status).toBe(status);
    // The line of a later request comes after that of an earlier one.
    await rig.get('/last');
    await expect.poll(() => rig.lines.slice(before).map(({ msg }) => msg)).toContain('GET /last 404');
    const said = rig.lines.slice(before).filter(({ url }) => url === path.split('?')[0]);
    expect(said.map((line) => line.status)).toEqual(isLogged ? [status] : []);
  });
});
