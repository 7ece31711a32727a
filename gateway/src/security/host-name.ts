/** Who may be meant by a Host header: a page of a foreign domain that was pointed at this machine is not. */
import { isIP } from 'node:net';

/**
 * Addresses, `localhost`, and names without a dot are nobody's domain, so no page in a browser can be of them; others
 * must be named in the configuration.
 */
export function isTrustedHost(header: string | undefined, allowed: readonly string[]): boolean {
  const host = nameOf(header ?? '');
  if (host === '') return false;
  if (isIP(host) !== 0 || !host.includes('.')) return true;
  return allowed.some((name) => name.toLowerCase() === host);
}

/** Two of them may mean one host to a proxy and another to us. Source: RFC 9112, 3.2. */
export function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  return names.filter((name) => name.toLowerCase() === 'host').length > 1;
}

function nameOf(header: string): string {
  const bracketed = /^\[([^\]]+)\](:\d+)?$/.exec(header);
  if (bracketed) return bracketed[1] ?? '';
  return header.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase();
}
