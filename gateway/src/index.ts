/** The public surface of `pose-sidecar-gateway`. */
export { VERSION } from './version.ts';
