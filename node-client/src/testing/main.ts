/** Entry of the scripted daemon: `node main.js --script JSON`; what a client appends is ignored. */
import { BEHAVIOURS } from './behaviours/index.ts';
import { FakeDaemon } from './fake-daemon.ts';
import type { Script } from './script.ts';

const script: Script = JSON.parse(process.argv[process.argv.indexOf('--script') + 1] ?? '{}');
new FakeDaemon(script, BEHAVIOURS[script.behaviour]).run();
