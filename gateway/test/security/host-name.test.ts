/** Which Host headers are answered without a key. */
import { expect, test } from 'vitest';
import { hasSeveralHosts, isTrustedHost } from '../../src/security/host-name.ts';

test.for([
  ['localhost:5000', true],
  ['127.0.0.1', true],
  ['127.0.0.1:5000', true],
  ['[::1]:5000', true],
  ['192.168.1.7:5000', true],
  ['pose-gateway:5000', true],
  ['allowed.example.org', true],
  ['ALLOWED.example.org:80', true],
  ['allowed.example.org.', true],
  ['evil.example.org', false],
  ['evil.example.org:5000', false],
  ['127.0.0.1.evil.example', false],
  ['', false],
  [undefined, false],
] as const)('%j: %s', ([header, isTrusted]) => {
  expect(isTrustedHost(header, ['allowed.example.org'])).toBe(isTrusted);
});

test.for([
  [[], false],
  [['Host', 'a'], false],
  [['Host', 'a', 'host', 'a'], true],
  [['HOST', 'a', 'Accept', '*/*', 'host', 'b'], true],
  [['X-Forwarded', 'host', 'Host', 'a', 'Other', 'Host'], false],
] as const)('%j has several hosts: %s', ([headers, hasSeveral]) => {
  expect(hasSeveralHosts(headers)).toBe(hasSeveral);
});
