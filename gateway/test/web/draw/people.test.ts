/** What reaches the canvas: each provenance in its strokes, faint joints faintly, nothing for those without numbers. */
import { beforeAll, expect, test, vi } from 'vitest';
import { anatomyOf } from '../../../web/draw/anatomy.ts';
import { drawPeople } from '../../../web/draw/people.ts';
import type { Person } from '../../../web/frames/decode.ts';
import { makePerson, personLine, SMALL } from '../builders.ts';

beforeAll(() => {
  vi.stubGlobal(
    'Path2D',
    class {
      moveTo() {}
      lineTo() {}
    },
  );
});

interface Stroke {
  readonly dash: readonly number[];
  readonly alpha: number;
  readonly width: number;
}

/** Draws on a context that only takes notes. */
function drawn(persons: readonly Person[]) {
  const strokes: Stroke[] = [];
  const arcs: [number, number][] = [];
  const fills: string[] = [];
  const texts: string[] = [];
  let dash: readonly number[] = [];
  const context = {
    globalAlpha: 1,
    lineWidth: 0,
    fillStyle: '',
    strokeStyle: '',
    setLineDash: (pattern: readonly number[]) => {
      dash = pattern;
    },
    stroke: () => strokes.push({ dash, alpha: context.globalAlpha, width: context.lineWidth }),
    fill: () => fills.push(context.fillStyle),
    arc: (x: number, y: number) => arcs.push([x, y]),
    beginPath: () => {},
    roundRect: () => {},
    measureText: () => ({ width: 8 }),
    fillText: (text: string) => texts.push(text),
  };
  const picture = { widthPx: 160, heightPx: 120, pxPerCssPx: 1 };
  drawPeople(context as unknown as CanvasRenderingContext2D, persons, anatomyOf(SMALL), picture);
  return { strokes, arcs, fills, texts, alpha: context.globalAlpha, dash };
}

test('who was seen is drawn solid, with discs at exactly the joints', () => {
  const { strokes, arcs, texts } = drawn([makePerson('detected')]);
  expect(strokes.every(({ dash }) => dash.length === 0)).toBe(true);
  const places = new Set(arcs.map(([x, y]) => `${x},${y}`));
  expect(places).toEqual(new Set(['10,20', '11,30', '12,40', '13,50', '14,60']));
  expect(texts).toEqual(['1']);
});

test.for(['interpolated', 'predicted'] as const)('who is %s is dashed, with rings', (provenance) => {
  const { strokes, fills } = drawn([makePerson(provenance)]);
  expect(strokes.some(({ dash }) => dash.length === 2 && (dash[1] as number) > 0)).toBe(true);
  // Discs of the nose, with outline, and the plate; limbs have rings.
  expect(fills.length).toBeLessThan(drawn([makePerson('detected')]).fills.length);
});

test('low scores are thinner than sure ones', () => {
  const widest = (person: Person) => Math.max(...drawn([person]).strokes.map(({ width }) => width));
  expect(widest(makePerson('low_score'))).toBeLessThan(widest(makePerson('detected')));
});

test('joints that are hardly visible are faint, and the canvas is left opaque and solid', () => {
  const faint = personLine({ keypoints: personLine().keypoints.map((row) => [...row.slice(0, 3), 0.1]) });
  const { strokes, alpha, dash } = drawn([makePerson('interpolated', faint)]);
  expect(Math.min(...strokes.map((stroke) => stroke.alpha))).toBe(0.22);
  expect([alpha, dash]).toEqual([1, []]);
});

test('numbers that are none, and people without keypoints, draw nothing', () => {
  const broken = personLine({ keypoints: personLine().keypoints.map(() => [Number.NaN, Number.NaN, 0, 1]) });
  for (const person of [makePerson('detected', broken), makePerson('detected', { keypoints: [] })]) {
    expect(drawn([person])).toMatchObject({ strokes: [], arcs: [], texts: [] });
  }
});

test('people far outside do no harm', () => {
  const far = personLine({ keypoints: personLine().keypoints.map(([, y]) => [1e9, y ?? 0, 0, 1]) });
  expect(drawn([makePerson('detected', far)]).texts).toEqual(['1']);
});
