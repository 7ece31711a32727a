/** The forms a result may be taken along in: the report, and the formats of other programs. */
import type { Rendition } from './renditions.ts';

const REPORT_LIMIT_MS = 120_000;
/** Hours of video with many people are many lines. */
const EXPORT_LIMIT_MS = 600_000;

export const REPORT: Rendition = {
  file: 'report.html',
  command: (directory, out) => ['report', directory, '--out', out],
  limitMs: REPORT_LIMIT_MS,
  failure: 'REPORT_FAILED',
};

/** As `python -m sidecar export --help` has them. */
export const EXPORT_FORMATS = {
  coco: { file: 'coco.json', type: 'application/json; charset=utf-8' },
  csv: { file: 'poses.csv', type: 'text/csv; charset=utf-8' },
  mot: { file: 'mot.txt', type: 'text/plain; charset=utf-8' },
  openpose: { file: 'openpose.zip', type: 'application/zip' },
} as const;

export type ExportFormat = keyof typeof EXPORT_FORMATS;
export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_FORMATS) as readonly ExportFormat[];

/** With or without the people who were interpolated or predicted between observations. */
export const FILLED = ['include', 'exclude'] as const;
export type Filled = (typeof FILLED)[number];

export function exportOf(format: ExportFormat, filled: Filled): Rendition {
  const { file } = EXPORT_FORMATS[format];
  return {
    file: filled === 'include' ? file : `observed-${file}`,
    command: (directory, out) => ['export', directory, '--format', format, '--filled', filled, '--out', out],
    limitMs: EXPORT_LIMIT_MS,
    failure: 'EXPORT_FAILED',
  };
}
