// Prints {file: text} of the generated TypeScript as JSON, from {schemas, codes, notice} on standard input.
import { json } from 'node:stream/consumers';
import { compile } from 'json-schema-to-typescript';

const { schemas, codes, notice } = await json(process.stdin);
const files = { 'errors.ts': errors(), 'messages.ts': await messages(), 'schemas.ts': schemaData() };
process.stdout.write(JSON.stringify(files));

function errors() {
  const rows = Object.entries(codes).map(([code, facts]) => {
    const { meaning, scope, retryable, fatal } = facts;
    return `  /** ${meaning} */\n  ${code}: { scope: '${scope}', retryable: ${retryable}, fatal: ${fatal} },\n`;
  });
  return [
    `/** Error codes of protocol/errors.json. ${notice} */`,
    `export const ERROR_CODES = {\n${rows.join('')}} as const;\n`,
    'export type ErrorCode = keyof typeof ERROR_CODES;\n',
  ].join('\n');
}

async function messages() {
  const definitions = {};
  for (const { definitions: parts = {}, ...schema } of Object.values(schemas)) {
    for (const part of [...Object.values(parts), schema]) define(definitions, part);
  }
  const bundle = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'Bundle', definitions };
  const types = await compile(bundle, 'Bundle', { bannerComment: '', unreachableDefinitions: true });
  const cleaned = types
    .replace(
      / \*\n \* This interface was referenced by `Bundle`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g,
      '',
    )
    .replace(/export interface Bundle \{[^}]*\}\n/, '');
  const unions = [union('DaemonMessage', 'daemon->client'), union('ClientMessage', 'client->daemon')];
  return `/** Message types. ${notice} */\n${cleaned}\n${unions.join('\n')}`;
}

/** Two schemas may hold a part of the same name only if it is the same part. */
function define(definitions, part) {
  const text = JSON.stringify(closed(part));
  const known = definitions[part.title];
  if (known && JSON.stringify(known) !== text)
    throw new Error(`two different parts are called ${part.title}`);
  definitions[part.title] = JSON.parse(text);
}

/** Without the index signature that "further keys are ignored" would give every type. */
function closed(value) {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const { $id: _id, $schema: _schema, ...rest } = value;
  if (rest.properties && rest.additionalProperties === true) rest.additionalProperties = false;
  return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, closed(item)]));
}

function union(name, direction) {
  const framed = (schema) => schema['x-direction'] === direction && schema['x-code'] !== null;
  const members = Object.values(schemas).filter(framed);
  return `export type ${name} =\n${members.map((schema) => `  | ${schema.title}`).join('\n')};\n`;
}

function schemaData() {
  const rows = Object.entries(schemas).map(([name, schema]) => {
    const said = JSON.stringify(schema, (key, value) =>
      key === 'description' && typeof value === 'string' ? undefined : value,
    );
    return `  ${name}: ${said},\n`;
  });
  return `/** The schemas themselves, for ajv. ${notice} */\nexport const SCHEMAS = {\n${rows.join('')}} as const;\n`;
}
