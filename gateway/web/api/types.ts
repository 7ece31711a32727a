/** What the gateway answers, as far as the page looks at it; see /openapi.json. */
export type JobState = 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled';

export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly fps: number;
  readonly left_s: number | null;
}

/** An error in words, with the next step. */
export interface Problem {
  readonly code: string;
  readonly error: string;
  readonly hint: string | null;
}

export interface Summary {
  readonly frames?: number;
  readonly frames_with_person?: number;
  readonly tracks?: number;
  readonly message?: string | null;
  readonly frames_per_second?: number;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly video_path: string;
  readonly original_name: string | null;
  readonly options: { readonly overlay?: boolean };
  /** Epoch seconds, as all moments here. */
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly attempt: number;
  readonly queue_position: number | null;
  readonly progress: Progress | null;
  readonly result: { readonly summary: Summary; readonly bytes: number } | null;
  readonly error: Problem | null;
}

export type Provenance = 'detected' | 'low_score' | 'interpolated' | 'predicted';
export const PROVENANCES: readonly Provenance[] = ['detected', 'low_score', 'interpolated', 'predicted'];

export interface Skeleton {
  readonly name: string;
  readonly keypoints: readonly string[];
  readonly edges: readonly (readonly [number, number])[];
  readonly has_world: boolean;
}

export interface Header {
  readonly size: { readonly width: number; readonly height: number };
  readonly fps: number | null;
  readonly skeleton: Skeleton;
}

/** Frames `from` to `to`, both included. */
export type Run = readonly [from: number, to: number, provenance: Provenance];

export interface Track {
  readonly id: number;
  readonly runs: readonly Run[];
}

export interface Timeline {
  readonly total_frames: number;
  readonly header: Header;
  readonly times_s: readonly number[];
  readonly persons: readonly Track[];
}

/** A line of poses.jsonl. */
export interface FrameLine {
  readonly frame: number;
  readonly time_s: number;
  readonly persons: readonly {
    readonly id: number | null;
    readonly score: number;
    readonly provenance: Provenance;
    readonly bbox_xyxy: readonly [number, number, number, number];
    readonly keypoints: readonly (readonly number[])[];
    readonly keypoints_world: readonly (readonly number[])[] | null;
  }[];
}

export interface WorkerStats {
  readonly slot: number;
  readonly state: string;
  readonly restarts: number;
  readonly in_flight: number;
  readonly rss_bytes: number | null;
  readonly uptime_s: number | null;
  readonly estimator: string | null;
  readonly device: string | null;
}

export interface Stats {
  readonly availability: 'warming_up' | 'ready' | 'restarting' | 'unavailable' | 'ending';
  readonly jobs: { readonly queued: number; readonly processing: number; readonly estimated_wait_s: number };
  readonly pool: {
    readonly size: number;
    readonly ready: number;
    readonly queued: number;
    readonly deaths: number;
    readonly last_failure: { readonly code: string; readonly message: string } | null;
    readonly workers: readonly WorkerStats[];
  };
}
