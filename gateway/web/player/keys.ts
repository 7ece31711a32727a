/** Which key does what while a result is looked at. */
import type { Playback } from './playback.svelte.ts';

export interface KeyFacts {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly hasModifier: boolean;
  /** What has the focus; see `focusOf`. */
  readonly on: string;
}

export const KEY_HELP: readonly (readonly [keys: string, meaning: string])[] = [
  ['Space', 'play, pause'],
  [', .', 'one frame back, forward'],
  ['← →', 'one second; with Shift, five'],
  ['[ ]', 'to where a person’s provenance changes'],
  ['< >', 'slower, faster'],
  ['Home End', 'first, last frame'],
];

export type Action =
  | { readonly do: 'toggle' }
  | { readonly do: 'step' | 'skip' | 'faster' | 'change'; readonly by: number }
  | { readonly do: 'edge'; readonly isLast: boolean };

const ARROWS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End'];
/** Keys that a focused element needs itself. */
const OWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  button: [' '],
  summary: [' '],
  select: [' ', ...ARROWS],
  'input:range': ARROWS,
  'input:checkbox': [' '],
  'input:file': [' '],
  view: ARROWS,
};
/** Those take every key. */
const WRITING = ['input:text', 'input:password', 'textarea'];

/** Null for keys that mean something else there, or nothing. */
export function actionOf({ key, shiftKey, hasModifier, on }: KeyFacts): Action | null {
  if (hasModifier || WRITING.includes(on) || OWN_KEYS[on]?.includes(key)) return null;
  const skipS = shiftKey ? 5 : 1;
  switch (key) {
    case ' ':
      return { do: 'toggle' };
    case ',':
      return { do: 'step', by: -1 };
    case '.':
      return { do: 'step', by: 1 };
    case 'ArrowLeft':
      return { do: 'skip', by: -skipS };
    case 'ArrowRight':
      return { do: 'skip', by: skipS };
    case '<':
      return { do: 'faster', by: -1 };
    case '>':
      return { do: 'faster', by: 1 };
    case '[':
      return { do: 'change', by: -1 };
    case ']':
      return { do: 'change', by: 1 };
    case 'Home':
      return { do: 'edge', isLast: false };
    case 'End':
      return { do: 'edge', isLast: true };
    default:
      return null;
  }
}

/** What has the focus, by what it does with keys. */
export function focusOf(target: EventTarget | null): string {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.dataset.keys !== undefined) return target.dataset.keys;
  const tag = target.tagName.toLowerCase();
  return tag === 'input' ? `input:${(target as HTMLInputElement).type}` : tag;
}

export function perform(action: Action, playback: Playback, nextChange: (by: number) => number): void {
  if (action.do === 'toggle') playback.toggle();
  if (action.do === 'step') playback.step(action.by);
  if (action.do === 'skip') playback.skip(action.by);
  if (action.do === 'faster') playback.faster(action.by > 0 ? 1 : -1);
  if (action.do === 'change') playback.seek(nextChange(action.by));
  if (action.do === 'edge') playback.seek(action.isLast ? playback.last : 0);
}
