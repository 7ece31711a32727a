/** The public surface of `pose-sidecar`. */
export {
  AbortedError,
  type ErrorCode,
  InitFailedError,
  PoseError,
  type RejectedCandidate,
  RequestError,
  StartError,
  type StartPhase,
  WorkerDiedError,
} from './errors.ts';
export type { ImageInput, RawFormat, RawImage } from './image.ts';
export type { DaemonLogger, EstimateOptions, LogLevel, PoolOptions, SidecarOptions } from './options.ts';
export { PosePool } from './pool/pose-pool.ts';
export type { Exit } from './process/exit.ts';
export type { Person, PoseResult } from './result.ts';
export { type CheckReport, Sidecar } from './sidecar.ts';
export type { PoolStatus, SidecarStatus, WorkerStatus } from './status.ts';
export { VERSION } from './version.ts';
export { ERROR_CODES } from './wire/generated/errors.ts';
export type { HelloMessage, ReadyMessage, Skeleton } from './wire/generated/messages.ts';
