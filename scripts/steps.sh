# Sourced by the scripts: one line per step, a sign of life every two seconds, the log's tail when a step fails.

# The directory of the log files; kept for a look after a failure.
logs="${TMPDIR:-/tmp}/pose-sidecar-logs-$$"
mkdir -p "$logs"

# step "Name" command...: run quietly, tell the time it took, show the end of its output if it fails.
step() {
  local name=$1 log started told pid
  shift
  log="$logs/${name//[^A-Za-z0-9]/-}.log"
  started=$SECONDS
  told=$SECONDS
  "$@" >"$log" 2>&1 &
  pid=$!
  trap 'kill "$pid" 2>/dev/null || true; exit 130' INT TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if [ -t 1 ]; then
      printf '\r  … %s (%d s)' "$name" $((SECONDS - started))
    elif [ $((SECONDS - told)) -ge 2 ]; then
      told=$SECONDS
      printf '  … %s (%d s)\n' "$name" $((SECONDS - started))
    fi
  done
  trap - INT TERM
  [ -t 1 ] && printf '\r\033[K'
  if wait "$pid"; then
    printf '  ✓ %s (%d s)\n' "$name" $((SECONDS - started))
  else
    printf '  ✗ %s failed; the end of %s:\n' "$name" "$log"
    tail -n 40 "$log"
    return 1
  fi
}

# aloud command...: show its output as it comes, and a sign of life whenever it is silent. In Python, because the bash of
# macOS cannot tell a silent pipe from one that ended.
aloud() { .venv/bin/python scripts/aloud.py "$@"; }

# unchanged STAMP FILE...: true when STAMP holds the digest of FILEs, so the step they feed need not run again.
unchanged() {
  local stamp=$1
  shift
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(digest "$@")" ]
}

digest() { cat "$@" | cksum; }

# The first interpreter that is new enough. POSE_PYTHON names one, and then no other is tried.
find_python() {
  local candidate
  if [ -n "${POSE_PYTHON:-}" ]; then
    is_new_enough "$POSE_PYTHON" && command -v "$POSE_PYTHON" && return
    echo "POSE_PYTHON=$POSE_PYTHON is no Python 3.11 or newer. Name another one, or unset it." >&2
    return 1
  fi
  for candidate in python3.13 python3.12 python3.11 python3 python; do
    is_new_enough "$candidate" && command -v "$candidate" && return
  done
  echo "No Python 3.11 or newer on PATH. Install one, or name it: POSE_PYTHON=/path/to/python3 $0" >&2
  return 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
