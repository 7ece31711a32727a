/** The environment a daemon gets: what Python and the system need, none of the host's secrets. */

/** Names that pass from the host to the daemon; a trailing `*` stands for any ending. */
export const PASSED_ON: readonly string[] = [
  // where programs, homes and temporary files are
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_*',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  // language and time
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TZ',
  // Windows does not start a process without these
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMDATA',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  // native libraries and accelerators
  'LD_LIBRARY_PATH',
  'DYLD_*',
  'CUDA_*',
  'NVIDIA_*',
  'HIP_*',
  'ROCR_*',
  'ONEAPI_*',
  'ZE_*',
  // our own
  'POSE_*',
  'DEBUG_MODE',
];

/** Libraries that would start one thread per core of the host, whatever the pool's size. */
export const THREAD_CAPS = [
  'OMP_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
  'MKL_NUM_THREADS',
  'NUMEXPR_NUM_THREADS',
  'VECLIB_MAXIMUM_THREADS',
  'OPENCV_FOR_THREADS_NUM',
] as const;

export interface EnvironmentSettings {
  readonly nonce: string;
  readonly threads: number;
  /** Put on PYTHONPATH, for a checkout that is not installed. */
  readonly servicePath?: string | undefined;
  readonly modelsDir?: string | undefined;
  /** The caller's additions; they win, and `undefined` removes a name. */
  readonly extra: Readonly<Record<string, string | undefined>>;
}

/**
 * Build a daemon's environment from the host's.
 *
 * PYTHONSAFEPATH keeps modules in the working directory from shadowing installed ones. It is an environment
 * variable and not `-P`, because interpreters before 3.11 refuse that flag and could then not say that they
 * are too old. The host's PYTHONPATH and PYTHONHOME are left out for the same protection.
 */
export function daemonEnvironment(
  host: NodeJS.ProcessEnv,
  { nonce, threads, servicePath, modelsDir, extra }: EnvironmentSettings,
): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(host)) {
    if (value !== undefined && isPassedOn(name)) env[name] = value;
  }
  for (const name of THREAD_CAPS) env[name] = String(threads);
  env.PYTHONSAFEPATH = '1';
  env.PYTHONUTF8 = '1';
  if (servicePath !== undefined) env.PYTHONPATH = servicePath;
  if (modelsDir !== undefined) env.POSE_MODELS_DIR = modelsDir;
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  env.POSE_SIDECAR_NONCE = nonce;
  return env;
}

/** Windows spells names in any case. */
function isPassedOn(name: string): boolean {
  const upper = name.toUpperCase();
  return PASSED_ON.some((known) =>
    known.endsWith('*') ? upper.startsWith(known.slice(0, -1)) : upper === known,
  );
}
