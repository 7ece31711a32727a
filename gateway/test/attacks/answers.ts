/** How often each status was answered; `none` where the connection was closed without one. */
export type Answers = Readonly<Record<string, number>>;

export function counted(statuses: readonly (number | null)[]): Answers {
  const counts: Record<string, number> = {};
  for (const status of statuses) {
    const name = status === null ? 'none' : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
