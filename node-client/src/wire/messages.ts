/** Messages against their schemas, at the edge: what passes has the type the schema says. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { ClientMessage, DaemonMessage, FrameMessage } from './generated/messages.ts';
import { SCHEMAS } from './generated/schemas.ts';
import { WireError } from './wire-error.ts';

export type * from './generated/messages.ts';

type MessageType = keyof typeof SCHEMAS;
type Direction = (typeof SCHEMAS)[MessageType]['x-direction'];

/** Of the offending value. */
const SHOWN_CHARACTERS = 60;

const ajv = new Ajv({ verbose: true, allowUnionTypes: true, strictTypes: false });
ajv.addVocabulary(['x-direction', 'x-code']);
const compiled = new Map<MessageType, ValidateFunction>();

/** A message that does not fit its schema: "result.persons[0].score must be a number in [0, 1], got 2". */
export class InvalidMessageError extends WireError {
  /** Where, in dots and brackets: `result.persons[0].score`. */
  readonly path: string;

  constructor(path: string, complaint: string) {
    super('InvalidMessage', `${path} ${complaint}`);
    this.path = path;
  }
}

/** Checks what a daemon sent. Keys that the schema does not know are left in place. */
export function parseDaemonMessage(message: { readonly type?: unknown }): DaemonMessage {
  check(message, 'daemon->client');
  return message as DaemonMessage;
}

/** Checks what a client sent; for daemons written in TypeScript, such as the scripted one of the testing kit. */
export function parseClientMessage(message: { readonly type?: unknown }): ClientMessage | FrameMessage {
  check(message, 'client->daemon');
  return message as ClientMessage | FrameMessage;
}

function check(message: { readonly type?: unknown }, direction: Direction): void {
  const type = message.type;
  if (!isMessageType(type) || SCHEMAS[type]['x-direction'] !== direction) {
    const known = Object.entries(SCHEMAS).filter(([, schema]) => schema['x-direction'] === direction);
    const names = known.map(([name]) => name).sort();
    throw new InvalidMessageError('type', `must be one of ${names.join(', ')}, got ${show(type)}`);
  }
  const validate = validatorOf(type);
  if (validate(message)) return;
  const error = (validate.errors as ErrorObject[])[0] as ErrorObject;
  throw new InvalidMessageError(pathOf(type, error.instancePath), complaint(error));
}

function isMessageType(type: unknown): type is MessageType {
  return typeof type === 'string' && Object.hasOwn(SCHEMAS, type);
}

/** Compiled on first use: a client meets only the daemon's messages. */
function validatorOf(type: MessageType): ValidateFunction {
  let validate = compiled.get(type);
  if (!validate) {
    validate = ajv.compile(SCHEMAS[type]);
    compiled.set(type, validate);
  }
  return validate;
}

function pathOf(type: string, pointer: string): string {
  const steps = pointer.split('/').slice(1);
  return type + steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
}

function complaint({ keyword, data, params, parentSchema = {} }: ErrorObject): string {
  if (keyword === 'required') {
    const got = Object.keys(data as object)
      .sort()
      .join(', ');
    return `must have '${params.missingProperty}', got only [${got}]`;
  }
  if (keyword === 'minItems' || keyword === 'maxItems') {
    return `must hold ${count(parentSchema)} items, got ${(data as unknown[]).length}`;
  }
  return `must be ${expected(parentSchema)}, got ${show(data)}`;
}

function expected(schema: Record<string, unknown>): string {
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return `one of ${schema.enum.join(', ')}`;
  const kinds = ([] as string[]).concat((schema.type as string | string[] | undefined) ?? 'value');
  return kinds.map((kind) => article(kind, Boolean(schema.minLength))).join(' or ') + range(schema);
}

function article(kind: string, nonEmpty: boolean): string {
  if (kind === 'null') return kind;
  if (kind === 'string' && nonEmpty) return 'a non-empty string';
  return `${/^[aio]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function range({ minimum, maximum, exclusiveMinimum }: Record<string, unknown>): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`;
  if (minimum === undefined) return '';
  return maximum === undefined ? ` of at least ${minimum}` : ` in [${minimum}, ${maximum}]`;
}

function count({ minItems, maxItems }: Record<string, unknown>): string {
  if (maxItems === undefined) return `at least ${minItems}`;
  return minItems === maxItems ? `${minItems}` : `${minItems} to ${maxItems}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}
