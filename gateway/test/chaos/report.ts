/** What a chaos run comes to, and which promises it broke. */
import type { ChaosReport } from './kill-jobs.ts';

export function toLine(report: ChaosReport): string {
  const { victims, jobs, finished, lost, failed, twiceAtOnce, different, kills, runs, seconds } = report;
  return (
    `${victims}: ${kills} kills: ${finished} of ${jobs} jobs finished, ${lost} lost, ${failed} failed, ` +
    `${twiceAtOnce} run twice at once, ${finished - different} with identical files; ${runs} runs in ${seconds.toFixed(0)} s`
  );
}

export function violations({ jobs, finished, lost, twiceAtOnce, different, failed }: ChaosReport): string[] {
  return [
    ...(finished === jobs ? [] : [`${jobs - finished} jobs did not finish, ${failed} of them failed`]),
    ...(lost === 0 ? [] : [`${lost} accepted jobs were lost`]),
    ...(twiceAtOnce === 0 ? [] : [`${twiceAtOnce} times a job ran twice at once`]),
    ...(different === 0 ? [] : [`${different} results differ from the undisturbed run's`]),
  ];
}
