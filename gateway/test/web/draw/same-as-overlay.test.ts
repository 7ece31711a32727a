/** What is drawn here looks like the overlay that Python draws: the same colours, strokes and sides. */
import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Provenance, Skeleton } from '../../../web/api/types.ts';
import { PROVENANCES } from '../../../web/api/types.ts';
import { anatomyOf } from '../../../web/draw/anatomy.ts';
import { type Colour, identityColour, readableOn, type Side, sideColour } from '../../../web/draw/palette.ts';
import { boneWidth, STROKES, VISIBILITY_LEVELS } from '../../../web/draw/style.ts';
import { HAS_PYTHON, PYTHON, ROOT } from '../../http/rig.ts';

const SIDES: readonly Side[] = ['left', 'middle', 'right'];
const SCRIPT = `
import json
from sidecar.overlay.anatomy import anatomy
from sidecar.overlay.palette import identity_colour, readable_on, side_colour
from sidecar.overlay.style import STROKES, VISIBILITY_LEVELS, bone_width
from sidecar.pose.skeleton import BLAZEPOSE_33, COCO_17, OPENPOSE_25
sides = ("left", "middle", "right")
colours = [identity_colour(number) for number in range(1, 21)]
def tables(skeleton):
    a = anatomy(skeleton)
    return {"keypoints": skeleton.keypoints, "edges": skeleton.edges, "bone_sides": a.bone_sides,
            "joint_sides": a.joint_sides, "bone_scale": a.bone_scale.tolist(), "joint_scale": a.joint_scale.tolist()}
print(json.dumps({
    "colours": [[side_colour(colour, side) for side in sides] for colour in colours],
    "readable": [readable_on(colour) for colour in colours],
    "strokes": {name: [s.width, [s.on, s.off] if s.off else None, s.hollow] for name, s in STROKES.items()},
    "levels": [strength for _, strength in VISIBILITY_LEVELS],
    "widths": [bone_width(px, 734.3) for px in (0, 50, 200, 9000)],
    "skeletons": [tables(s) for s in (BLAZEPOSE_33, COCO_17, OPENPOSE_25)],
}))
`;

interface Python {
  readonly colours: readonly (readonly Colour[])[];
  readonly readable: readonly Colour[];
  readonly strokes: Readonly<Record<Provenance, readonly [number, readonly number[] | null, boolean]>>;
  readonly levels: readonly number[];
  readonly widths: readonly number[];
  readonly skeletons: readonly (Pick<Skeleton, 'keypoints' | 'edges'> & {
    readonly bone_sides: readonly Side[];
    readonly joint_sides: readonly Side[];
    readonly bone_scale: readonly number[];
    readonly joint_scale: readonly number[];
  })[];
}

describe.skipIf(!HAS_PYTHON)('as in sidecar/overlay', () => {
  let python: Python;
  beforeAll(() => {
    python = JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT], { cwd: ROOT, encoding: 'utf8' }));
  });

  test('colours of ids 1 to 20 on every side', () => {
    const ours = python.colours.map((_, place) =>
      SIDES.map((side) => sideColour(identityColour(place + 1), side)),
    );
    expect(ours).toEqual(python.colours);
    expect(python.readable.map((_, place) => readableOn(identityColour(place + 1)))).toEqual(python.readable);
  });

  test('strokes of every provenance', () => {
    const ours = PROVENANCES.map((name) => [
      name,
      [STROKES[name].width, STROKES[name].dash, STROKES[name].isHollow],
    ]);
    expect(Object.fromEntries(ours)).toEqual(python.strokes);
    expect(VISIBILITY_LEVELS.map(({ strength }) => strength)).toEqual(python.levels);
  });

  test('widths', () => {
    for (const [place, px] of [0, 50, 200, 9000].entries()) {
      expect(boneWidth(px, 734.3, 1)).toBeCloseTo(python.widths[place] as number, 6);
    }
  });

  test('sides and fineness of three skeletons', () => {
    for (const skeleton of python.skeletons) {
      const { bones, joints } = anatomyOf(skeleton);
      expect(joints.map(({ side }) => side)).toEqual(skeleton.joint_sides);
      expect(joints.map(({ scale }) => scale)).toEqual(skeleton.joint_scale);
      expect(bones.map(({ side }) => side)).toEqual(skeleton.bone_sides);
      expect(bones.map(({ scale }) => scale)).toEqual(skeleton.bone_scale);
    }
  });
});

test('a bone to a keypoint that is not there is left out', () => {
  expect(anatomyOf({ keypoints: ['nose'], edges: [[0, 5]] }).bones).toEqual([]);
});
