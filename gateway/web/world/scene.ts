/** The room with its people, drawn when something changes and only then. Loads three.js. */
import {
  AmbientLight,
  DirectionalLight,
  GridHelper,
  MathUtils,
  PerspectiveCamera,
  Scene,
  Spherical,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import type { Anatomy } from '../draw/anatomy.ts';
import type { Person } from '../frames/decode.ts';
import { Bodies } from './bodies.ts';
import { paceDrawing } from './pacing.ts';
import { HIP_HEIGHT_M } from './placing.ts';

const HOME = new Vector3(1.1, 1.45, 3.6);
const TARGET = new Vector3(0, HIP_HEIGHT_M - 0.05, 0);
/** Metres. */
const NEAREST = 0.8;
const FARTHEST = 12;
const MAX_PIXEL_RATIO = 2;

export interface World {
  show(persons: readonly Person[]): void;
  resize(width: number, height: number): void;
  /** Radians to the right and up. */
  turn(right: number, up: number): void;
  zoom(factor: number): void;
  home(): void;
  close(): void;
}

/** Throws where there is no WebGL. */
export function openWorld(canvas: HTMLCanvasElement, anatomy: Anatomy): World {
  const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
  const scene = new Scene();
  const camera = new PerspectiveCamera(38, 1, 0.1, 50);
  const controls = new OrbitControls(camera, canvas);
  const bodies = new Bodies(anatomy);
  const sun = new DirectionalLight(0xffffff, 2.2);
  sun.position.set(1, 3, 2.5);
  scene.add(bodies.group, new AmbientLight(0xffffff, 1.4), sun, new GridHelper(6, 12, 0x7d8797, 0x4a5361));
  controls.target.copy(TARGET);
  controls.enablePan = false;
  controls.minDistance = NEAREST;
  controls.maxDistance = FARTHEST;
  const pacing = paceDrawing(
    () => renderer.render(scene, camera),
    renderer.getContext() as WebGL2RenderingContext, // three.js knows no other any more
  );
  const { draw } = pacing;
  const place = (change: (at: Spherical) => void) => {
    const at = new Spherical().setFromVector3(camera.position.clone().sub(TARGET));
    change(at);
    at.phi = MathUtils.clamp(at.phi, 0.05, Math.PI - 0.05);
    at.radius = MathUtils.clamp(at.radius, NEAREST, FARTHEST);
    camera.position.setFromSpherical(at).add(TARGET);
    controls.update();
    draw();
  };
  const home = () => {
    camera.position.copy(HOME);
    controls.update();
    draw();
  };
  controls.addEventListener('change', draw);
  home();

  return {
    show: (persons) => {
      bodies.show(persons);
      draw();
    },
    resize: (width, height) => {
      renderer.setPixelRatio(Math.min(devicePixelRatio, MAX_PIXEL_RATIO));
      renderer.setSize(width, height, false);
      camera.aspect = width / Math.max(1, height);
      camera.updateProjectionMatrix();
      draw();
    },
    turn: (right, up) =>
      place((at) => {
        at.theta += right;
        at.phi += up;
      }),
    zoom: (factor) =>
      place((at) => {
        at.radius *= factor;
      }),
    home,
    close: () => {
      pacing.close();
      controls.dispose();
      renderer.dispose();
      renderer.forceContextLoss();
    },
  };
}
