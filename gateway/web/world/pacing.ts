/** Drawing that leaves time to others where it is slow: without a GPU it takes the cores that fetch and decode frames. */

/** Milliseconds that a drawing may take for nothing: two pictures of a screen, as it is seen to end with the next one. */
export const FREE_MS = 34;
/** Milliseconds of rest for each that a drawing took beyond. */
export const REST = 4;

export type Fences = Pick<
  WebGL2RenderingContext,
  | 'fenceSync'
  | 'getSyncParameter'
  | 'deleteSync'
  | 'flush'
  | 'SYNC_GPU_COMMANDS_COMPLETE'
  | 'SYNC_STATUS'
  | 'SIGNALED'
>;

export interface PacedDrawing {
  /** Draw with the next picture, or the one after the rest; what was asked for last is always drawn. */
  draw(): void;
  close(): void;
}

export function paceDrawing(render: () => void, gl: Fences): PacedDrawing {
  let request = 0;
  let isWanted = false;
  let startMs = 0;
  let freeAtMs = 0;
  let fence: WebGLSync | null = null;

  const tick = (nowMs: number): void => {
    request = 0;
    if (fence !== null) {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED) {
        wake();
        return;
      }
      gl.deleteSync(fence);
      fence = null;
      freeAtMs = nowMs + REST * Math.max(0, nowMs - startMs - FREE_MS);
    }
    if (!isWanted) return;
    if (nowMs < freeAtMs) {
      wake();
      return;
    }
    isWanted = false;
    startMs = nowMs;
    render();
    fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0); // null where the context is lost
    gl.flush();
    wake();
  };
  const wake = (): void => {
    if (request === 0) request = requestAnimationFrame(tick);
  };

  return {
    draw() {
      isWanted = true;
      wake();
    },
    close() {
      cancelAnimationFrame(request);
      request = 0;
      isWanted = false;
      if (fence !== null) gl.deleteSync(fence);
      fence = null;
    },
  };
}
