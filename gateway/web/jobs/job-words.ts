/** What a job is called and how it stands, in words. */
import type { Job, Progress, Summary } from '../api/types.ts';
import { durationInWords, fileName } from '../page/words.ts';

export function nameOf({ original_name, video_path }: Pick<Job, 'original_name' | 'video_path'>): string {
  return original_name ?? fileName(video_path);
}

export function stateInWords({ state, queue_position, progress, result }: Job): string {
  if (state === 'queued')
    return queue_position === null ? 'waiting' : `waiting, ${ordinal(queue_position)} in line`;
  if (state === 'processing') {
    const share = shareOf(progress);
    return share === null ? 'at work' : `at work, ${Math.floor(share * 100)} %`;
  }
  const { frames } = result?.summary ?? {};
  return state === 'completed' && frames !== undefined ? `${frames} frames` : state;
}

/** In [0, 1]; null while nobody knows. */
export function shareOf(progress: Progress | null): number | null {
  if (progress === null || progress.total === null || progress.total <= 0) return null;
  return Math.min(1, progress.done / progress.total);
}

/** As `42 of 90 frames · 23.4 frames a second · 2 s left`. */
export function progressInWords({ done, total, fps, left_s }: Progress): string {
  const parts = [total === null ? `${done} frames` : `${done} of ${total} frames`];
  if (fps > 0) parts.push(`${fps.toFixed(fps < 10 ? 1 : 0)} frames a second`);
  if (left_s !== null) parts.push(`${durationInWords(left_s)} left`);
  return parts.join(' · ');
}

/** As `87 of 90 frames with a person · 2 people`. */
export function summaryInWords({ frames, frames_with_person, tracks }: Summary): string {
  const parts: string[] = [];
  if (frames !== undefined && frames_with_person !== undefined) {
    parts.push(`${frames_with_person} of ${frames} frames with somebody in them`);
  }
  if (tracks !== undefined) parts.push(tracks === 1 ? '1 person' : `${tracks} people`);
  return parts.join(' · ');
}

function ordinal(position: number): string {
  const ending = ['th', 'st', 'nd', 'rd'];
  const rest = position % 100;
  return `${position}${ending[(rest - 20) % 10] ?? ending[rest] ?? ending[0]}`;
}
