/** As much of PromQL as our own queries need: which metrics and labels they ask for, and whether they hold together. */

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

export interface Query {
  readonly metrics: readonly { readonly name: string; readonly matchers: readonly Matcher[] }[];
  /** Of `by`, `on` and their like. */
  readonly groupings: readonly string[];
}

const TOKEN =
  /\s+|(?<text>"(?:[^"\\]|\\.)*")|(?<number>\d+(?:\.\d+)?[a-z]*)|(?<name>[A-Za-z_$][A-Za-z0-9_:]*)|(?<operator>[=!]~|[=!<>]=|[-+*/%^<>=(){}[\],])/y;
const FUNCTIONS: ReadonlySet<string> = new Set(
  'sum min max avg count rate increase delta histogram_quantile scalar vector label_values'.split(' '),
);
const GROUPERS: ReadonlySet<string> = new Set('by without on ignoring group_left group_right'.split(' '));
const WORDS: ReadonlySet<string> = new Set('and or unless offset bool'.split(' '));
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/** Throws for what is no token, an unknown function, or a bracket without its other half. */
export function readQuery(text: string): Query {
  const tokens = tokensOf(text);
  checkBrackets(tokens, text);
  const metrics: { name: string; matchers: Matcher[] }[] = [];
  const groupings: string[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    if (GROUPERS.has(token)) {
      const end = tokens.indexOf(')', at);
      groupings.push(...tokens.slice(at + 2, end).filter((part) => part !== ','));
      at = end;
    } else if (token === '[') {
      at = tokens.indexOf(']', at);
    } else if (/^[A-Za-z_]/.test(token) && !WORDS.has(token)) {
      const isCall = tokens[at + 1] === '(' || GROUPERS.has(tokens[at + 1] ?? '');
      if (isCall) {
        if (!FUNCTIONS.has(token)) throw new Error(`${token} is no function that our queries use: ${text}`);
        continue;
      }
      const end = tokens[at + 1] === '{' ? tokens.indexOf('}', at) : at;
      metrics.push({ name: token, matchers: matchersOf(tokens.slice(at + 2, end)) });
      at = end;
    }
  }
  return { metrics, groupings };
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) throw new Error(`no PromQL at ${at}: ${text}`);
    at = TOKEN.lastIndex;
    if (found[0].trim() !== '') tokens.push(found[0]);
  }
  return tokens;
}

function checkBrackets(tokens: readonly string[], text: string): void {
  const open: string[] = [];
  for (const token of tokens) {
    if (token in CLOSING) open.push(CLOSING[token] ?? '');
    else if (')}]'.includes(token) && open.pop() !== token)
      throw new Error(`${token} closes nothing: ${text}`);
  }
  if (open.length > 0) throw new Error(`${open.at(-1)} is missing: ${text}`);
}

function matchersOf(tokens: readonly string[]): Matcher[] {
  const parts = tokens.filter((token) => token !== ',');
  return Array.from({ length: Math.ceil(parts.length / 3) }, (_, index) => {
    const [label = '', operator = '', value = ''] = parts.slice(index * 3);
    if (!/^[A-Za-z_]/.test(label) || !/^(=|!=|=~|!~)$/.test(operator) || !value.startsWith('"'))
      throw new Error(`no matcher: ${label} ${operator} ${value}`);
    return { label, operator, value: JSON.parse(value) as string };
  });
}
