/** All behaviours by name. */
import type { Behaviour } from './behaviour.ts';
import { HANG } from './hang.ts';
import { RUN_TIME } from './run-time.ts';
import { SHUTDOWN } from './shutdown.ts';
import { SICK } from './sick.ts';
import { START_UP } from './start-up.ts';
import { WIRE } from './wire.ts';

const ALL = { ...START_UP, ...WIRE, ...RUN_TIME, ...HANG, ...SICK, ...SHUTDOWN };

export type BehaviourName = keyof typeof ALL;

export const BEHAVIOURS: Readonly<Record<BehaviourName, Behaviour>> = ALL;
