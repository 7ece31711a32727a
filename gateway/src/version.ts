/** Version of this package, which is that of `pose-sidecar` too. */
export { VERSION } from 'pose-sidecar';
