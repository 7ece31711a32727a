/** Files that a browser keeps instead of showing them, named after their video. */
import { basename } from 'node:path';
import type { Job } from '../../jobs/job.ts';

/** The `content-disposition` of a job's file: `ride.mp4` and `coco.json` give `ride.coco.json`. */
export function asDownload({ originalName, videoPath }: Job, file: string): string {
  const stem = basename(originalName ?? videoPath).replace(/\.[^.]*$/, '');
  return attachment(`${stem}.${file}`);
}

/** RFC 6266: plain ASCII for all, the whole name for those who read it. */
function attachment(name: string): string {
  const plain = name.replace(/[^\w. -]/g, '_');
  const whole = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, escape);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
