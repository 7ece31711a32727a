/** Every fault that the client, the pool and the daemon must survive, by its row. Tests cite the rows in their titles. */

export const FAULTS: Readonly<Record<number, string>> = {
  1: 'the interpreter does not exist',
  2: 'the working directory does not exist',
  3: 'the interpreter may not be executed, or is for another machine',
  4: "Windows' store alias stands where an interpreter should",
  5: 'the system is short of processes, files or memory at the spawn',
  6: 'arguments and environment are too large',
  7: 'Node reports a spawn twice, late, or not at all',
  8: 'secrets of the host would leak, or what Windows needs is missing',
  9: 'a wrapper stands between the client and the daemon',
  10: 'files in the working directory shadow modules',
  11: 'the daemon crashes before its first word',
  12: 'a module is missing',
  13: 'a shared library is missing, or an instruction the CPU does not have',
  14: 'an import hangs',
  15: 'a model file is missing, cut short or another one',
  16: 'the daemon is killed for its memory while it loads',
  17: 'loading is slow and goes on',
  18: 'the handshake comes out of order, twice or late',
  19: 'something prints before the first word',
  20: 'the halves are of versions that do not belong together',
  21: 'READY comes after the client gave up',
  22: 'all daemons load at once and take all memory',
  23: 'the stream is cut at every byte',
  24: 'the stream ends inside a frame',
  25: 'a frame announces more than the limit',
  26: 'something prints into the stream',
  27: 'the content of a frame is malformed',
  28: 'answers to nobody, twice, too late or of the wrong kind',
  29: 'a frame of a type nobody knows',
  30: 'the daemon stops reading',
  31: 'the daemon floods its output',
  32: 'the daemon floods its standard error',
  33: 'a pipe breaks while a request is written',
  34: 'a pipe is closed and the process lives on',
  35: 'half a frame comes and no more',
  36: 'a frame is very large and legal',
  37: 'the daemon exits in the middle of a request, also with code 0',
  38: 'the daemon dies of a signal',
  39: 'the kernel kills the daemon for its memory',
  40: 'Python or the accelerator runs out of memory',
  41: 'native code holds the interpreter for ever',
  42: 'the work stands still and everything else answers',
  43: 'the daemon or the whole machine is stopped for a while',
  44: 'a daemon is ten times slower than the others',
  45: 'a daemon fails every request, quickly',
  46: 'a daemon gives wrong answers without an error',
  47: 'memory grows with every request',
  48: 'every restart leaves something behind',
  49: 'a grandchild holds the pipes open after the exit',
  50: 'a grandchild survives the kill',
  51: 'SIGTERM is ignored',
  52: 'SIGKILL does not end the process',
  53: 'the pid belongs to another process by now',
  54: 'daemons crash as soon as they are ready',
  55: 'a crash, a close and the end of a pause fall together',
  56: 'an input kills every daemon that gets it',
  57: 'a cancel races with everything else',
  58: 'the signal has fired already, or is shared by thousands of calls',
  59: 'the queue is full, and whoever waits gives up',
  60: 'one image among many is bad',
  61: 'the consumer of a stream stops reading',
  62: 'the host is killed, whatever the daemon is doing',
  63: 'the host ends without close',
  64: "the host's event loop stands still",
  65: 'Ctrl-C reaches the whole foreground',
  66: 'the terminal closes, or SIGTERM comes during a start',
  67: 'close in every state, twice, with a daemon that hangs',
  68: 'the pool lives in a worker thread that is terminated',
  69: 'a stale or foreign daemon answers',
  70: 'many daemons start one thread per core each',
  79: 'a compiled model on disk is damaged',
};

/** What this machine cannot do: a test plays the system's part and says so. */
export const FAKED: readonly number[] = [22, 52, 68];

const CITATION = /\brows? (\d+(?:(?:, | and | to )\d+)*)/g;

/** The rows that a title cites: `row 5`, `rows 13 and 16`, `rows 33, 37 to 41 and 57`. */
export function rowsIn(title: string): readonly number[] {
  const rows: number[] = [];
  for (const [, cited = ''] of title.matchAll(CITATION)) {
    for (const range of cited.split(/, | and /)) {
      const [first = 0, last = first] = range.split(' to ').map(Number);
      for (let row = first; row <= last; row += 1) rows.push(row);
    }
  }
  return rows;
}
