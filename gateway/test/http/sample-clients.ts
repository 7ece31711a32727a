/** The two clients that the previous service's documents gave to its users, as they stood there but for the waits. */

/** Of a poll; the documents say 5 s. */
const POLL_MS = 100;

// biome-ignore lint/suspicious/noExplicitAny: these clients look at what comes
type Json = any;

/** POST a video; on 202 poll until `status` is `completed`, and read the result; on 200 read the body. */
export async function pollingClient(
  service: string,
  videoPath: string,
): Promise<{ frames: number; result: Json }> {
  const response = await postVideo(service, videoPath);
  const body = (await response.json()) as Json;
  if (response.status === 200) return { frames: body.total_frames, result: body };
  if (response.status !== 202) throw new Error(body.error);
  for (;;) {
    const status = (await (await fetch(`${service}/pose/video/status/${body.job_id}`)).json()) as Json;
    if (status.status === 'completed') return { frames: status.result.total_frames, result: status.result };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Look at the health, then at the queue, then submit. */
export async function carefulClient(
  service: string,
  videoPath: string,
): Promise<{ queued: number; response: Response }> {
  const health = (await (await fetch(`${service}/api/pose/health`)).json()) as Json;
  if (health.status !== 'healthy') throw new Error(`not healthy: ${health.status}`);
  const status = (await (await fetch(`${service}/api/pose/pool-status`)).json()) as Json;
  return { queued: status.queue.length, response: await postVideo(service, videoPath) };
}

function postVideo(service: string, videoPath: string): Promise<Response> {
  return fetch(`${service}/pose/video`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ video_path: videoPath }),
  });
}
