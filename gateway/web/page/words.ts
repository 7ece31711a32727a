/** Numbers as people say them. */

export function bytesInWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** As `under a second`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationInWords(seconds: number): string {
  if (!(seconds >= 1)) return 'under a second';
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
  return `${rest} s`;
}

/** As `0:04.23` and `1:02:03.00`. */
export function timecode(seconds: number): string {
  const hundredths = Math.round(seconds * 100);
  const [hours, minutes] = [Math.floor(hundredths / 360_000), Math.floor((hundredths % 360_000) / 6_000)];
  const rest = ((hundredths % 6_000) / 100).toFixed(2).padStart(5, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** As `just now`, `5 min ago`, `3 h ago`, and the day after that. */
export function agoInWords(atS: number, nowS: number): string {
  const passedS = Math.max(0, nowS - atS);
  if (passedS < 60) return 'just now';
  if (passedS < 3_600) return `${Math.floor(passedS / 60)} min ago`;
  if (passedS < 86_400) return `${Math.floor(passedS / 3_600)} h ago`;
  return new Date(atS * 1000).toLocaleDateString('en', { day: 'numeric', month: 'short', year: 'numeric' });
}

export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return start === '' || /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** Messages of the pool begin with their code, which is shown beside them. */
export function withoutCode(message: string, code: string): string {
  return message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
}

/** The last part of a path of either system. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}
