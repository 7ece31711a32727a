/** A program that claims every job of a store, says which, and lives until it is killed. */
import { SqliteStore } from '../../src/store/sqlite-store.ts';

const store = new SqliteStore({ file: process.argv[2] ?? '' });
const ids: string[] = [];
for (let claimed = store.claim('holder', 1_000); claimed !== null; claimed = store.claim('holder', 1_000))
  ids.push(claimed.job.id);
console.log(JSON.stringify(ids));
process.stdin.resume();
