#!/usr/bin/env bash
# Sets the environment up and passes everything on to `python -m repro`; `test` runs the tests.
set -euo pipefail

here=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")" && pwd -P)
venv=$here/.venv
log=$here/.install.log
stamp=$venv/installed
export PYTHONNOUSERSITE=1 PYTHONPATH="$here" PIP_DISABLE_PIP_VERSION_CHECK=1

fail() { printf 'run_all.sh: %s\n' "$*" >&2; exit 1; }

pick_python() { # prints a supported Python, or says what was found instead
  local candidate version found=""
  for candidate in ${PYTHON:+"$PYTHON"} python3.12 python3.13 python3.11 python3 python; do
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
      3.11 | 3.12 | 3.13)
        if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then printf '%s\n' "$candidate"; return; fi
        found="$found $version (without its venv module; on Debian: apt install python$version-venv)" ;;
      *) case $found in *" $version"*) ;; *) found="$found $version" ;; esac ;;
    esac
  done
  fail "needs Python 3.11, 3.12 or 3.13; found:${found:- none}. Install one, or name it: PYTHON=/path/to/python3.12 ./run_all.sh"
}

install() { # what the locks ask for, unless the stamp says that it is there
  local python free
  exec 9>"$here/.install.lock"
  if command -v flock >/dev/null && ! flock -n 9; then
    echo "run_all.sh: another start is installing; waiting for it" >&2
    flock 9
    if [ "$(cat -- "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
  fi
  if [ -d "$venv" ] && ! "$venv/bin/python" -c 'import pip' 2>/dev/null; then rm -rf -- "$venv"; fi
  if [ ! -d "$venv" ]; then
    python=$(pick_python) || exit 1
    free=$(df -Pk -- "$here" | awk 'NR == 2 { print int($4 / 1000) }')
    [ "$free" -ge 3000 ] || fail "an install takes 3,000 MB; $free MB are free at $here. Make room, then start again"
    echo "run_all.sh: first start: downloads about 0.6 GB, takes about 2.2 GB in $venv" >&2
    "$python" -m venv "$venv" >"$log" 2>&1 || { rm -rf -- "$venv"; fail "cannot make $venv; see $log"; }
  fi
  rm -f -- "$stamp"
  for lock in "${locks[@]}"; do
    "$venv/bin/python" -m pip install --require-hashes -r "$here/$lock" >"$log" 2>&1 ||
      fail "the install failed ($(grep -E '^ERROR' "$log" | tail -n 1 || true)); see $log, mend it, and start again"
  done
  printf '%s\n' "$wanted" >"$stamp.new" && mv -- "$stamp.new" "$stamp"
}

locks=(requirements.txt)
if [ -n "${CUDA_VISIBLE_DEVICES-all}" ] && [ "${CUDA_VISIBLE_DEVICES-all}" != -1 ] &&
  command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; then
  locks=(requirements-gpu.txt)
fi
if [ "${1-}" = test ]; then locks+=(requirements-test.txt); fi
sums=$(cd -- "$here" && sha256sum -- "${locks[@]}" requirements-test.txt)
have=$(cat -- "$stamp" 2>/dev/null || true)
wanted="${locks[*]} $(printf '%s' "$sums" | sha256sum | cut -c1-64)"
# Installed for the tests is installed for the rest.
case $have in "$wanted" | "${locks[0]} requirements-test.txt ${wanted##* }") ready=yes ;; *) ready="" ;; esac
if [ -z "$ready" ] || [ ! -x "$venv/bin/python" ]; then install; fi

if [ "${1-}" = test ]; then
  shift
  cd -- "$here"
  exec "$venv/bin/python" -m pytest "$@"
fi
exec "$venv/bin/python" -P -m repro "$@"
