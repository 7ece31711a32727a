/** Reads protocol/vectors: the cases both languages are held to. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '../../../protocol/vectors');

export type Segment = string | { text: string } | { repeat: Segment; times: number };

export interface MessageCase {
  name: string;
  message: { type: string; [key: string]: unknown };
  path?: string;
}

export interface FrameCase {
  name: string;
  bytes: Segment[];
  limits?: { meta_bytes?: number; body_bytes?: number };
  frames: { message: Record<string, unknown>; body: string }[];
  fault?: string;
  canonical?: 'json' | 'msgpack';
}

export interface LineCase {
  name: string;
  bytes: Segment[];
  limits?: Record<string, number>;
  message?: unknown;
  code?: string;
}

/** The cases of every file of `accept` or `reject`, each named after its file. */
export function messageCases(folder: 'accept' | 'reject'): MessageCase[] {
  return readdirSync(path.join(FOLDER, folder)).flatMap((file) =>
    read<MessageCase>(`${folder}/${file}`).map((one) => ({ ...one, name: `${file}: ${one.name}` })),
  );
}

export const frameCases = () => read<FrameCase>('bytes/frames.json');
export const lineCases = () => read<LineCase>('bytes/lines.json');

/** The bytes that segments stand for: hex, `{text}`, or `{repeat, times}`. */
export function assemble(segments: readonly Segment[]): Buffer {
  return Buffer.concat(segments.map(bytesOf));
}

function bytesOf(segment: Segment): Buffer {
  if (typeof segment === 'string') return Buffer.from(segment.replaceAll(/\s/g, ''), 'hex');
  if ('text' in segment) return Buffer.from(segment.text);
  return Buffer.concat(Array.from({ length: segment.times }, () => bytesOf(segment.repeat)));
}

function read<Case>(file: string): Case[] {
  return JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')).cases;
}
