/** Server-sent events out of text that comes in pieces. */
export interface ServerEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** The whole events of `text`, and what is left of it for the next piece. */
export function parseEvents(text: string): { readonly events: ServerEvent[]; readonly rest: string } {
  const blocks = text.replaceAll('\r\n', '\n').split('\n\n');
  const rest = blocks.pop() ?? '';
  return { events: blocks.map(parseBlock).filter(({ data }) => data !== ''), rest };
}

function parseBlock(block: string): ServerEvent {
  const fields = { id: '', event: 'message', data: '' };
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === 'data') data.push(value);
    if (name === 'id' || name === 'event') fields[name] = value;
  }
  return { ...fields, data: data.join('\n') };
}
