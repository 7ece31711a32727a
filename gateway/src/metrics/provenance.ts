/** Where the people in a result's frames come from, counted without parsing what they look like. */
import { indexFrames } from '../results/frame-index.ts';
import { frameLines } from '../results/frame-lines.ts';

const PROVENANCE = /"provenance":"([a-z_]{1,32})"/g;

/** Times each provenance occurs; `nobody` are the frames without anybody. Throws RESULT_GONE. */
export async function countProvenance(directory: string): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const add = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for await (const lines of frameLines(await indexFrames(directory))) {
    for (const line of lines) {
      let found = 0;
      for (const [, name = ''] of line.matchAll(PROVENANCE)) {
        add(name);
        found += 1;
      }
      if (found === 0) add('nobody');
    }
  }
  return counts;
}
