/** The public surface of `pose-sidecar`. */

export type { Body } from './body.ts';
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
export type { EstimateOptions } from './estimate-options.ts';
export type { ImageInput, RawFormat, RawImage } from './image.ts';
export type {
  CanaryOptions,
  DaemonLogger,
  LogLevel,
  PoolOptions,
  RecycleOptions,
  SidecarOptions,
} from './options.ts';
export type { Answered } from './pool/answered.ts';
export type { BreakerChange, BreakerState } from './pool/breaker.ts';
export type { ConcurrencyChange, PoolEvents, PoolLogEntry, PoolLogger, PoolLogLevel } from './pool/events.ts';
export { NEXT_STATES, type Transition, WORKER_STATES, type WorkerState } from './pool/life.ts';
export { PosePool } from './pool/pose-pool.ts';
export type { StreamOptions, StreamResult } from './pool/stream.ts';
export type { Trace } from './pool/trace.ts';
export type { Exit } from './process/exit.ts';
export type { Person, PoseResult } from './result.ts';
export { type CheckReport, Sidecar } from './sidecar.ts';
export type { DaemonStatus, ModelFacts, PoolStatus, SidecarStatus, WorkerStatus } from './status.ts';
export { VERSION } from './version.ts';
export type { VideoFrame, VideoPerson } from './video/frames.ts';
export type { VideoSummary } from './video/steps.ts';
export type { AssembleOptions, Effort, VideoOptions, VideoProgress } from './video/video-options.ts';
export type { VideoOutcome } from './video/videos.ts';
export { ERROR_CODES } from './wire/generated/errors.ts';
export type { HelloMessage, ReadyMessage, Skeleton } from './wire/generated/messages.ts';
