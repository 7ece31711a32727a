/** One listener per AbortSignal, however many calls share it: joining, firing and leaving cost the same at 10,000. */

type Listener = (reason: unknown) => void;

interface Watch {
  readonly listeners: Set<Listener>;
  readonly fire: () => void;
}

const watches = new WeakMap<AbortSignal, Watch>();

/** Call `listener` once when `signal` fires. The returned function leaves; calling it again does nothing. */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  const watch = watches.get(signal) ?? watchSignal(signal);
  watch.listeners.add(listener);
  return () => {
    watch.listeners.delete(listener);
    if (watch.listeners.size > 0 || watches.get(signal) !== watch) return;
    watches.delete(signal);
    signal.removeEventListener('abort', watch.fire);
  };
}

function watchSignal(signal: AbortSignal): Watch {
  const listeners = new Set<Listener>();
  const fire = () => {
    watches.delete(signal);
    for (const listener of listeners) listener(signal.reason);
  };
  signal.addEventListener('abort', fire, { once: true });
  const watch = { listeners, fire };
  watches.set(signal, watch);
  return watch;
}
