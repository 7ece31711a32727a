/** Work that a client waits for ends when the client is gone. */
import type { ServerResponse } from 'node:http';
import { PoseError } from 'pose-sidecar';

/** Fires when the connection closes before the answer was sent. */
export function disconnectSignal(response: ServerResponse): AbortSignal {
  const stop = new AbortController();
  const onClose = () => {
    if (!response.writableFinished) stop.abort(new PoseError('ABORTED', 'the client disconnected'));
  };
  if (response.destroyed) onClose();
  else response.once('close', onClose);
  return stop.signal;
}
