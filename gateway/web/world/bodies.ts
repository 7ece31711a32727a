/** Bodies as balls and sticks: a solid set for people who were seen, a faint one for those who were filled in. */
import {
  Color,
  CylinderGeometry,
  Group,
  InstancedMesh,
  Matrix4,
  MeshStandardMaterial,
  Quaternion,
  SphereGeometry,
  SRGBColorSpace,
  Vector3,
} from 'three';
import type { Anatomy } from '../draw/anatomy.ts';
import { type Colour, identityColour, sideColour } from '../draw/palette.ts';
import { STROKES } from '../draw/style.ts';
import type { Person } from '../frames/decode.ts';
import { inRoom, placeOf } from './placing.ts';

/** People in the room; the best come first in a frame. */
export const MOST_PEOPLE = 8;
/** Metres. */
const STICK_M = 0.018;
const BALL_M = 0.03;
const FAINT_OPACITY = 0.35;
const UP = new Vector3(0, 1, 0);

class Set3 {
  readonly balls: InstancedMesh;
  readonly sticks: InstancedMesh;

  constructor({ joints, bones }: Anatomy, opacity: number) {
    const material = new MeshStandardMaterial({ roughness: 0.55, transparent: opacity < 1, opacity });
    const most = (count: number) => Math.max(1, count * MOST_PEOPLE);
    this.balls = new InstancedMesh(new SphereGeometry(1, 14, 10), material, most(joints.length));
    this.sticks = new InstancedMesh(new CylinderGeometry(1, 1, 1, 10, 1), material, most(bones.length));
    for (const mesh of [this.balls, this.sticks]) mesh.frustumCulled = false;
  }

  clear(): void {
    this.balls.count = 0;
    this.sticks.count = 0;
  }

  add(mesh: InstancedMesh, matrix: Matrix4, colour: Color): void {
    mesh.setMatrixAt(mesh.count, matrix);
    mesh.setColorAt(mesh.count, colour);
    mesh.count += 1;
    mesh.instanceMatrix.needsUpdate = true;
    if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
  }
}

export class Bodies {
  readonly group = new Group();
  readonly #anatomy: Anatomy;
  readonly #seen: Set3;
  readonly #filled: Set3;

  constructor(anatomy: Anatomy) {
    this.#anatomy = anatomy;
    this.#seen = new Set3(anatomy, 1);
    this.#filled = new Set3(anatomy, FAINT_OPACITY);
    for (const { balls, sticks } of [this.#seen, this.#filled]) this.group.add(balls, sticks);
  }

  show(persons: readonly Person[]): void {
    this.#seen.clear();
    this.#filled.clear();
    const shown = persons.filter(({ world }) => world !== null).slice(0, MOST_PEOPLE);
    shown.sort((a, b) => a.id - b.id);
    for (const [number, person] of shown.entries()) this.#add(person, placeOf(number, shown.length));
  }

  #add({ id, world, provenance }: Person, offsetM: number): void {
    if (world === null) return;
    const set = STROKES[provenance].isHollow ? this.#filled : this.#seen;
    const colour = identityColour(id);
    const points = this.#anatomy.joints.map((_, joint) => new Vector3(...inRoom(world, joint, offsetM)));
    for (const [joint, { side, scale }] of this.#anatomy.joints.entries()) {
      const size = new Vector3().setScalar(BALL_M * scale);
      const matrix = new Matrix4().compose(points[joint] as Vector3, new Quaternion(), size);
      set.add(set.balls, matrix, colourOf(sideColour(colour, side)));
    }
    for (const { from, to, side, scale } of this.#anatomy.bones) {
      const [start, end] = [points[from], points[to]];
      if (start === undefined || end === undefined) continue;
      const along = end.clone().sub(start);
      const length = along.length();
      const turn = new Quaternion().setFromUnitVectors(UP, along.normalize());
      const size = new Vector3(STICK_M * scale, length, STICK_M * scale);
      const middle = start.clone().add(end).multiplyScalar(0.5);
      set.add(set.sticks, new Matrix4().compose(middle, turn, size), colourOf(sideColour(colour, side)));
    }
  }
}

function colourOf([red, green, blue]: Colour): Color {
  return new Color().setRGB(red / 255, green / 255, blue / 255, SRGBColorSpace);
}
