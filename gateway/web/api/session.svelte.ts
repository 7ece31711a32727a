/** The API key, for as long as the tab lives, and whether one is wanted. */
const NAME = 'pose-gateway-key';

class Session {
  key: string | null = $state(sessionStorage.getItem(NAME));
  /** The gateway answered 401; null until it did. */
  refusal: 'missing' | 'wrong' | null = $state(null);

  keep(key: string): void {
    sessionStorage.setItem(NAME, key);
    this.key = key;
    this.refusal = null;
  }

  refuse(): void {
    this.refusal = this.key === null ? 'missing' : 'wrong';
  }
}

export const session = new Session();

/** Of every request. */
export function authorization(): Record<string, string> {
  return session.key === null ? {} : { authorization: `Bearer ${session.key}` };
}
