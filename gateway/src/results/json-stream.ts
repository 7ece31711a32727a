/** A long JSON answer as it is made: an object with one long array in it, never whole in memory. */
import { Readable } from 'node:stream';

export interface LongObject {
  /** Members before the array. */
  readonly before: Readonly<Record<string, unknown>>;
  readonly name: string;
  /** Elements as JSON, several at a time. */
  readonly elements: AsyncIterable<readonly string[]>;
  /** Members after it, asked for when the array has ended. */
  readonly after?: () => Readonly<Record<string, unknown>>;
}

export async function* longObject({ before, name, elements, after }: LongObject): AsyncGenerator<string> {
  yield `${opened(before)}${JSON.stringify(name)}:[`;
  let separator = '';
  for await (const some of elements) {
    yield separator + some.join(',');
    separator = ',';
  }
  const members = JSON.stringify(after?.() ?? {}).slice(1);
  yield members === '}' ? ']}' : `],${members}`;
}

/** An object whose last member is long. */
export async function* withLongMember(
  before: Readonly<Record<string, unknown>>,
  name: string,
  value: AsyncIterable<string>,
): AsyncGenerator<string> {
  yield `${opened(before)}${JSON.stringify(name)}:`;
  yield* value;
  yield '}';
}

export function asStream(json: AsyncIterable<string>): Readable {
  return Readable.from(json, { objectMode: false });
}

/** An object that goes on. */
function opened(members: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(members).slice(0, -1);
  return json === '{' ? json : `${json},`;
}
