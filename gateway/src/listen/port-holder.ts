/** Who holds a TCP port: its process id and command, where Linux tells. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** State of a listening socket in /proc/net/tcp. */
const LISTEN = '0A';
const SHOWN_CHARACTERS = 200;

/** `process 4711 (python app.py)`, or null where nobody can say. */
export function portHolder(port: number): string | null {
  if (process.platform !== 'linux') return null;
  try {
    const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeners(table, port)));
    return inodes.size === 0 ? null : processWith(inodes);
  } catch {
    return null;
  }
}

function listeners(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) && state === LISTEN)
    .map((columns) => columns[9] ?? '');
}

function processWith(inodes: ReadonlySet<string>): string | null {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (!descriptors(pid).some((target) => inodes.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')))
      continue;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return `process ${pid} (${command.slice(0, SHOWN_CHARACTERS)})`;
  }
  return 'a process of another user';
}

function descriptors(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => readlinkOrNothing(`/proc/${pid}/fd/${name}`));
  } catch {
    return []; // it ended, or is another user's
  }
}

function readlinkOrNothing(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
