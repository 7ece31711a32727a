/** The dashboard and the alert rules, as tests read them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../../node-client/test/repository.ts';

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

export interface Panel {
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

export const OPS = join(ROOT, 'docs', 'ops');

export function readYaml(file: string): unknown {
  return parse(readFileSync(file, 'utf8'), { strict: true, uniqueKeys: true });
}

export function alerts(): readonly Alert[] {
  const { groups } = readYaml(join(OPS, 'alerts.yml')) as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

export function panels(): readonly Panel[] {
  const text = readFileSync(join(OPS, 'grafana-dashboard.json'), 'utf8');
  return (JSON.parse(text) as { readonly panels: readonly Panel[] }).panels;
}
