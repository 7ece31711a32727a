/** The options of the gateway: one table, from which the documents and `--help` are made. */
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { choice, flag, integer, integers, named, type Option, text, texts } from './kinds.ts';

const DAY_S = 86_400;
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** The longest wait a Node timer can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export const OPTIONS = {
  config: text({
    env: 'POSE_GATEWAY_CONFIG',
    flag: 'config',
    fallback: null,
    fallbackSaid: 'pose-gateway.json here, where it is there',
    meaning: 'JSON file with these options by name',
  }),
  host: texts({
    env: 'POSE_GATEWAY_HOST',
    flag: 'host',
    fallback: ['127.0.0.1', '::1'],
    meaning: 'addresses to listen on; others than loopback need apiKeysFile or allowAnonymous',
  }),
  port: integer({
    env: 'POSE_GATEWAY_PORT',
    flag: 'port',
    min: 0,
    max: 65_535,
    fallback: 5000,
    meaning: 'port of every route; 0 takes a free one',
  }),
  alsoPorts: integers({
    env: 'POSE_GATEWAY_ALSO_PORT',
    flag: 'also-port',
    min: 1,
    max: 65_535,
    fallback: [],
    meaning: 'further ports; 3001 is where the previous back end took uploads',
  }),
  poolSize: integer({
    env: 'POSE_POOL_SIZE',
    flag: 'pool-size',
    min: 1,
    max: 256,
    fallback: null,
    fallbackSaid: '2, or 1 on a single core',
    meaning: 'daemons',
  }),
  niceness: integer({
    env: 'POSE_GATEWAY_NICENESS',
    flag: 'niceness',
    min: 0,
    max: 19,
    fallback: 5,
    meaning:
      'steps by which the priority of daemons is below the gateway’s, so that it answers while they compute',
  }),
  timeoutMs: integer({
    env: 'POSE_TIMEOUT_MS',
    flag: 'timeout-ms',
    min: 1,
    max: MAX_TIMER_MS,
    fallback: 180_000,
    meaning: 'milliseconds for one video that a client waits for; other jobs end when they make no progress',
  }),
  servicePath: text({
    env: 'POSE_SERVICE_PATH',
    flag: 'service-path',
    fallback: null,
    fallbackSaid: 'looked for',
    meaning: 'directory of the Python service; its .venv or venv is used',
  }),
  python: text({
    env: 'POSE_PYTHON',
    flag: 'python',
    fallback: null,
    fallbackSaid: 'looked for',
    meaning: 'interpreter to start',
  }),
  estimator: text({
    env: 'POSE_GATEWAY_ESTIMATOR',
    flag: 'estimator',
    fallback: null,
    fallbackSaid: 'blazepose',
    meaning: 'estimator by name',
  }),
  detector: text({
    env: 'POSE_GATEWAY_DETECTOR',
    flag: 'detector',
    fallback: null,
    fallbackSaid: 'none',
    meaning: 'person detector by name, for several people in a picture',
  }),
  estimatorOptions: named({
    env: 'POSE_GATEWAY_ESTIMATOR_OPTIONS',
    flag: 'estimator-options',
    fallback: {},
    meaning: 'further options of the estimator',
  }),
  modelsDir: text({
    env: 'POSE_MODELS_DIR',
    flag: 'models-dir',
    fallback: null,
    fallbackSaid: '.models here, or the cache',
    meaning: 'directory with model files',
  }),
  stayUp: flag({
    env: 'POSE_GATEWAY_STAY_UP',
    flag: 'stay-up',
    fallback: false,
    meaning: 'go on answering, with 503, when no daemon can be started; otherwise exit with 3',
  }),
  dataDir: text({
    env: 'POSE_GATEWAY_DATA_DIR',
    flag: 'data-dir',
    fallback: dataDirectory(),
    fallbackSaid: 'pose-gateway in the data directory of the user',
    meaning: 'directory of the jobs, the uploads and the results',
  }),
  roots: texts({
    env: 'POSE_GATEWAY_ROOTS',
    flag: 'root',
    fallback: ['.'],
    fallbackSaid: 'the working directory',
    meaning: 'directories that video_path may lead into, links resolved; the uploads are always one',
  }),
  concurrentJobs: integer({
    env: 'POSE_GATEWAY_CONCURRENT_JOBS',
    flag: 'concurrent-jobs',
    min: 1,
    max: 64,
    fallback: 1,
    meaning: 'videos worked on at once; each of them uses the whole pool',
  }),
  maxQueue: integer({
    env: 'POSE_GATEWAY_MAX_QUEUE',
    flag: 'max-queue',
    min: 1,
    max: 1_000_000,
    fallback: 1_000,
    meaning: 'jobs that may wait before 429',
  }),
  degradedQueue: integer({
    env: 'POSE_GATEWAY_DEGRADED_QUEUE',
    flag: 'degraded-queue',
    min: 0,
    max: 1_000_000,
    fallback: 10,
    meaning: 'more waiting jobs than this are called degraded; the alert PoseQueueLong uses the same number',
  }),
  maxAttempts: integer({
    env: 'POSE_GATEWAY_MAX_ATTEMPTS',
    flag: 'max-attempts',
    min: 1,
    max: 100,
    fallback: 3,
    meaning: 'times a job is tried, the first included',
  }),
  noProgressMs: integer({
    env: 'POSE_GATEWAY_NO_PROGRESS_MS',
    flag: 'no-progress-ms',
    min: 1_000,
    max: MAX_TIMER_MS,
    fallback: 60_000,
    meaning: 'milliseconds without a new frame after which an attempt at a video is ended',
  }),
  keepS: integer({
    env: 'POSE_GATEWAY_KEEP_S',
    flag: 'keep-s',
    min: 60,
    max: 3_650 * DAY_S,
    fallback: 30 * DAY_S,
    meaning: 'seconds that finished jobs, their results and uploads are kept',
  }),
  keepBytes: integer({
    env: 'POSE_GATEWAY_KEEP_BYTES',
    flag: 'keep-bytes',
    min: MIB,
    max: Number.MAX_SAFE_INTEGER,
    fallback: 50 * GIB,
    meaning: 'bytes of results that are kept; the oldest go first',
  }),
  maxUploadBytes: integer({
    env: 'POSE_GATEWAY_MAX_UPLOAD_BYTES',
    flag: 'max-upload-bytes',
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    fallback: 2 * GIB,
    meaning: 'bytes of one uploaded video before 413',
  }),
  maxBodyBytes: integer({
    env: 'POSE_GATEWAY_MAX_BODY_BYTES',
    flag: 'max-body-bytes',
    min: 1024,
    max: 256 * MIB,
    fallback: 32 * MIB,
    meaning: 'bytes of any other request body before 413',
  }),
  maxPixels: integer({
    env: 'POSE_GATEWAY_MAX_PIXELS',
    flag: 'max-pixels',
    min: 1,
    max: 64_000_000,
    fallback: 64_000_000,
    meaning: 'pixels of one image before 413, as its header says',
  }),
  maxDurationS: integer({
    env: 'POSE_GATEWAY_MAX_DURATION_S',
    flag: 'max-duration-s',
    min: 1,
    max: 365 * DAY_S,
    fallback: 4 * 3600,
    meaning:
      'seconds of one video: 413 where its header says more, else its job fails when its frames are counted',
  }),
  maxUploads: integer({
    env: 'POSE_GATEWAY_MAX_UPLOADS',
    flag: 'max-uploads',
    min: 1,
    max: 1_000,
    fallback: 16,
    meaning: 'uploads under way at once before 429',
  }),
  headerTimeoutMs: integer({
    env: 'POSE_GATEWAY_HEADER_TIMEOUT_MS',
    flag: 'header-timeout-ms',
    min: 100,
    max: MAX_TIMER_MS,
    fallback: 10_000,
    meaning: 'milliseconds for the head of a request before 408',
  }),
  bodyTimeoutMs: integer({
    env: 'POSE_GATEWAY_BODY_TIMEOUT_MS',
    flag: 'body-timeout-ms',
    min: 100,
    max: MAX_TIMER_MS,
    fallback: 30_000,
    meaning: 'milliseconds for a request body, and of silence in an upload, before 408',
  }),
  uploadTimeoutMs: integer({
    env: 'POSE_GATEWAY_UPLOAD_TIMEOUT_MS',
    flag: 'upload-timeout-ms',
    min: 1_000,
    max: MAX_TIMER_MS,
    fallback: 3_600_000,
    meaning: 'milliseconds for a whole upload before 408',
  }),
  maxConnections: integer({
    env: 'POSE_GATEWAY_MAX_CONNECTIONS',
    flag: 'max-connections',
    min: 1,
    max: 100_000,
    fallback: 2_000,
    meaning: 'open connections per port; further ones are closed',
  }),
  requestsPerMinute: integer({
    env: 'POSE_GATEWAY_REQUESTS_PER_MINUTE',
    flag: 'requests-per-minute',
    min: 1,
    max: 100_000_000,
    fallback: 60_000,
    meaning: 'requests of one address before 429; /livez and /readyz are free',
  }),
  trustProxy: texts({
    env: 'POSE_GATEWAY_TRUST_PROXY',
    flag: 'trust-proxy',
    fallback: [],
    fallbackSaid: 'off',
    meaning:
      'addresses or networks of proxies whose X-Forwarded-For tells the client’s address, for requestsPerMinute and the log',
  }),
  apiKeysFile: text({
    env: 'POSE_GATEWAY_API_KEYS_FILE',
    flag: 'api-keys-file',
    fallback: null,
    fallbackSaid: 'no keys are asked for',
    meaning: 'file with one key per line, read again when it changes',
  }),
  allowAnonymous: flag({
    env: 'POSE_GATEWAY_ALLOW_ANONYMOUS',
    flag: 'allow-anonymous',
    fallback: false,
    meaning: 'listen beyond loopback without keys',
  }),
  allowedHosts: texts({
    env: 'POSE_GATEWAY_ALLOWED_HOSTS',
    flag: 'allowed-host',
    fallback: [],
    fallbackSaid: 'addresses and names without a dot',
    meaning: 'domain names in Host that are answered without a key (protects from DNS rebinding)',
  }),
  corsOrigins: texts({
    env: 'POSE_GATEWAY_CORS_ORIGINS',
    flag: 'cors-origin',
    fallback: [],
    fallbackSaid: 'off',
    meaning: 'origins of pages that may call from a browser',
  }),
  debug: flag({ env: 'DEBUG_MODE', flag: 'debug', fallback: false, meaning: 'debug logging' }),
  logDir: text({
    env: 'POSE_LOG_DIR',
    flag: 'log-dir',
    fallback: join(process.platform === 'win32' ? tmpdir() : '/tmp', 'pose-service-logs'),
    fallbackSaid: '/tmp/pose-service-logs',
    meaning: 'directory of pose-service-*.log, besides the console',
  }),
  logFormat: choice(['json', 'text'], {
    env: 'POSE_GATEWAY_LOG_FORMAT',
    flag: 'log-format',
    fallback: null,
    fallbackSaid: 'text on a terminal, json elsewhere',
    meaning: 'how log lines look on the console',
  }),
} as const satisfies Record<string, Option<unknown>>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<Kind> = Kind extends Option<infer Value, infer Fallback> ? Value | Fallback : never;

/** Every option, checked: inside nothing is undefined. Null where the machine or the pool decides. */
export type Config = { readonly [Name in OptionName]: ValueOf<(typeof OPTIONS)[Name]> };

function dataDirectory(): string {
  const { LOCALAPPDATA, XDG_DATA_HOME } = process.env;
  const home = homedir();
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'pose-gateway');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'pose-gateway');
  return join(XDG_DATA_HOME || join(home, '.local', 'share'), 'pose-gateway');
}
