import { expect, test } from 'vitest';
import { behaviours, fakeDaemon } from '../../src/testing/index.ts';

test('every behaviour says what it does', () => {
  const all = behaviours();
  expect(Object.keys(all).length).toBeGreaterThan(30);
  for (const [name, does] of Object.entries(all)) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(does).toMatch(/^[a-z].{10,}/);
  }
});

test('the script travels on the command line', () => {
  const { command } = fakeDaemon('slow', { x: 5, persons: 2 });
  expect(command[0]).toBe(process.execPath);
  expect(JSON.parse(command.at(-1) ?? '')).toEqual({ behaviour: 'slow', x: 5, persons: 2 });
});
