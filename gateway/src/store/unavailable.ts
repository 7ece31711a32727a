/** Says in the gateway's words why SQLite could not do it. */
import { JobError } from '../jobs/job-error.ts';

/** Result codes that tell of the surroundings and not of a defect in our statements. Source: sqlite.org/rescode.html. */
const REASONS: Readonly<Record<number, readonly [reason: string, hint: string]>> = {
  3: ['access is denied', 'Give the gateway’s user the right to write the file and its folder.'],
  5: ['it is locked by another process', 'End the other program that holds a transaction on the file.'],
  6: ['it is locked', 'Report this as a defect of the gateway.'],
  7: ['memory ran out', 'Give the gateway more memory.'],
  8: ['it is read-only', 'Make the file and its folder writable for the gateway’s user.'],
  10: [
    'the disk reported an error',
    'Look at the disk and the system’s log; check that it is no network drive.',
  ],
  11: [
    'the file is damaged',
    'Move the file away and start again; results on disk are found again by content.',
  ],
  13: ['the disk or the store’s own limit is full', 'Free space, or shorten the retention of finished jobs.'],
  14: ['the file cannot be opened', 'Check that its folder exists and can be written by the gateway’s user.'],
  26: ['the file is no database', 'Name another file; this one was left as it is.'],
};

/** Lower byte of an extended result code. */
const PRIMARY = 0xff;

/** STORE_UNAVAILABLE for what the surroundings did; anything else comes back as it is. */
export function explainStoreError(error: unknown, file: string): unknown {
  const errcode = sqliteCode(error);
  if (errcode === null) return error;
  const known = REASONS[errcode & PRIMARY];
  if (known === undefined) return error;
  const [reason, hint] = known;
  return new JobError('STORE_UNAVAILABLE', `the job store ${file} cannot be used: ${reason}`, {
    cause: error,
    hint,
  });
}

export function isBusy(error: unknown): boolean {
  return ((sqliteCode(error) ?? 0) & PRIMARY) === 5;
}

function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}
