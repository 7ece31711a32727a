/** How a job stands, in words. */
import { expect, test } from 'vitest';
import type { Job } from '../../../web/api/types.ts';
import { progressInWords, shareOf, stateInWords, summaryInWords } from '../../../web/jobs/job-words.ts';

const JOB: Job = {
  id: '00000000-0000-4000-8000-000000000000',
  state: 'queued',
  video_path: '/v/ride.mp4',
  original_name: null,
  options: {},
  created_at: 0,
  started_at: null,
  completed_at: null,
  attempt: 0,
  queue_position: null,
  progress: null,
  result: null,
  error: null,
};
const progress = { done: 42, total: 90, fps: 23.44, left_s: 2.1 };

test.for([
  ['waiting', {}],
  ['waiting, 1st in line', { queue_position: 1 }],
  ['waiting, 2nd in line', { queue_position: 2 }],
  ['waiting, 11th in line', { queue_position: 11 }],
  ['waiting, 23rd in line', { queue_position: 23 }],
  ['waiting, 112th in line', { queue_position: 112 }],
  ['at work', { state: 'processing' }],
  ['at work, 46 %', { state: 'processing', progress }],
  ['failed', { state: 'failed' }],
  ['90 frames', { state: 'completed', result: { bytes: 1, summary: { frames: 90 } } }],
] as const)('%s', ([words, facts]) => {
  expect(stateInWords({ ...JOB, ...facts })).toBe(words);
});

test('progress says how far, how fast and how long', () => {
  expect(progressInWords(progress)).toBe('42 of 90 frames · 23 frames a second · 2 s left');
  expect(progressInWords({ done: 3, total: null, fps: 0, left_s: null })).toBe('3 frames');
});

test('a share is never over one, and unknown without a total', () => {
  expect(shareOf({ ...progress, done: 95 })).toBe(1);
  expect(shareOf({ ...progress, total: null })).toBeNull();
  expect(shareOf({ ...progress, total: 0 })).toBeNull();
});

test('summaries', () => {
  expect(summaryInWords({ frames: 90, frames_with_person: 87, tracks: 2 })).toBe(
    '87 of 90 frames with somebody in them · 2 people',
  );
  expect(summaryInWords({})).toBe('');
});
