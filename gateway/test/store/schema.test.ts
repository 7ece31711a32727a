/** Databases of older versions become new ones, all or nothing. */
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { APPLICATION_ID, MIGRATIONS, migrate } from '../../src/store/schema.ts';

const STEPS = [
  'CREATE TABLE one (a)',
  'INSERT INTO one VALUES (1); ALTER TABLE one ADD COLUMN b',
  'UPDATE one SET b = a + 1',
];

function memory(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  onTestFinished(() => database.close());
  return database;
}

const version = (database: DatabaseSync) =>
  Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0];

test.for([0, 1, 2, 3])('from version %d to the newest', (from) => {
  const database = memory();
  migrate(database, STEPS.slice(0, from));
  migrate(database, STEPS);
  expect(version(database)).toBe(3);
  expect(database.prepare('SELECT a, b FROM one').all()).toEqual([{ a: 1, b: 2 }]);
  expect(database.prepare('PRAGMA application_id').get()).toEqual({ application_id: APPLICATION_ID });
});

test('a step that fails leaves the version before it, whole', () => {
  const database = memory();
  const broken = [...STEPS.slice(0, 1), 'INSERT INTO one VALUES (9); nonsense'];
  expect(() => migrate(database, broken)).toThrow('nonsense');
  expect(version(database)).toBe(1);
  expect(database.prepare('SELECT * FROM one').all()).toEqual([]);
  migrate(database, STEPS);
  expect(version(database)).toBe(3);
});

test('released steps are never changed: their databases are out there', () => {
  expect(MIGRATIONS).toHaveLength(1);
  const database = memory();
  migrate(database);
  const columns = database
    .prepare("SELECT group_concat(name, ' ') AS names FROM pragma_table_xinfo('jobs')")
    .get();
  expect(columns).toEqual({
    names:
      'seq id state priority video_path original_name role options idempotency_key trace created_at_s started_at_s ' +
      'completed_at_s due_at_s attempt failures interruptions best_done progress result error owner token lease_ms beat ' +
      'directory bytes error_code',
  });
});
