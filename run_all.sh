#!/usr/bin/env bash
# Sets the environment up in .venv and passes everything on to `python -m repro`; `test` runs the tests.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
venv=$here/.venv
stamp=$venv/installed # Python's version and the locks' checksums, written last: without them .venv is half made
log=$here/.install.log

say() { printf 'run_all.sh: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }
version_of() { "$1" -ESc 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

has_gpu() { # an NVIDIA GPU that is not hidden
  case ${CUDA_VISIBLE_DEVICES-all} in "" | -1) return 1 ;; esac
  [[ $(nvidia-smi -L 2>/dev/null) == GPU* ]]
}

pick_python() { # prints a supported Python, or says what was found instead
  local candidate candidates=(python3.12 python3.13 python3.11 python3 python) version found=""
  if [ -n "${PYTHON-}" ]; then candidates=("$PYTHON"); fi
  for candidate in "${candidates[@]}"; do
    version=$(version_of "$candidate") || continue
    case $version in
      3.11 | 3.12 | 3.13)
        if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then printf '%s\n' "$candidate"; return; fi
        version="$version without its venv module (Debian, Ubuntu: apt install python$version-venv)" ;;
    esac
    case $found in *" $version"*) ;; *) found="$found${found:+,} $version" ;; esac
  done
  fail "needs Python 3.11, 3.12 or 3.13; found${PYTHON:+ at PYTHON=$PYTHON}:${found:- none}." \
    "Install one, or name it: PYTHON=/path/to/python3.12 ./run_all.sh"
}

fits() { # .venv works, with the Python that PYTHON asks for, and its stamp goes on like this pattern
  local version
  version=$(version_of "$venv/bin/python") || return 1
  if [ -n "${PYTHON-}" ] && [ "$(version_of "$PYTHON")" != "$version" ]; then return 1; fi
  # shellcheck disable=SC2053
  [[ $(cat -- "$stamp" 2>/dev/null) == "$version"$'\n'$1* ]]
}
is_current() { fits "$sums"; }                # perhaps with the tests' packages too
can_be_changed() { fits "*  ${locks[0]}"; }   # other versions only: TensorFlow's builds with and without CUDA do not mix

make_venv() { # anew, from nothing
  local python free
  python=$(pick_python) || exit 1
  free=$(df -Pk -- "$here" | # a file system's name may hold spaces
    awk 'NR == 2 && match($0, / [0-9]+ +[0-9]+% /) { print int(substr($0, RSTART) * 1.024 / 1000) }')
  [ "${free:-$disk}" -ge "$disk" ] || fail "an install takes $disk MB, and $free MB are free at $here; make room, then start again"
  say "first start: downloads $download and takes $takes on disk, in $venv; follow it in $log"
  rm -rf -- "$venv"
  mkdir -- "$venv"
  echo installing >"$stamp"
  "$python" -m venv "$venv" >"$log" 2>&1 || fail "cannot make $venv: $(tail -n 1 -- "$log"); see $log"
}

finish() { # the stamp says from now on that these checksums' locks are installed
  printf '%s\n%s\n' "$(version_of "$venv/bin/python")" "$1" >"$stamp.new"
  mv -- "$stamp.new" "$stamp"
}

install() ( # in a shell of its own, which holds the lock for as long as it lives, and a killed one's pip likewise
  if command -v flock >/dev/null && ! flock -n 9; then
    say "another start is installing; waiting for it"
    flock 9
  fi
  if is_current; then return; fi
  # A folder `pip` where the user stands is not Python's, and nobody would see a question.
  export PYTHONSAFEPATH=1 PIP_NO_INPUT=1 PIP_NO_COLOR=1
  trap 'say "stopped; the next start installs anew"; exit 130' INT
  if [ -e "$venv" ] && [ ! -e "$stamp" ] && ! rmdir -- "$venv" 2>/dev/null; then
    fail "$venv was not made by this script; move it away, then start again"
  fi
  if can_be_changed; then echo installing >"$stamp"; else make_venv; fi
  for lock in "${locks[@]}"; do
    if ! "$venv/bin/python" -m pip install --require-hashes -r "$here/$lock" >"$log" 2>&1; then
      reason=$(grep '^ERROR' "$log" | tail -n 1) || reason=$(tail -n 1 "$log")
      if [ "$lock" != "${locks[0]}" ]; then finish "${sums%%$'\n'*}"; fi # the program needs no tests
      if grep -q 'connection broken' "$log"; then reason="no connection to the package index"; fi
      fail "the install failed: $reason; see $log, then start again"
    fi
  done
  finish "$sums"
) 9>"$here/.install.lock"

# An environment for a GPU also serves when the GPU is hidden; and asking for GPUs takes a second.
if [[ $(cat -- "$stamp" 2>/dev/null) == *requirements-gpu.txt* ]] || has_gpu; then
  locks=(requirements-gpu.txt) download="3.6 GB" takes="8 GB" disk=12000
else
  locks=(requirements.txt) download="0.5 GB" takes="2.3 GB" disk=3000
fi
if [ "${1-}" = test ]; then locks+=(requirements-test.txt); fi
sums=$(cd -- "$here" && sha256sum -- "${locks[@]}")
unset PYTHONHOME
export PYTHONNOUSERSITE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0
if ! is_current; then
  [ -w "$here" ] || fail "cannot write in $here; copy the project into a folder of yours"
  install
fi

export PYTHONPATH="$here"
if [ "${1-}" = test ]; then
  shift
  cd -- "$here"
  cores=$(nproc)
  export PYTEST_XDIST_AUTO_NUM_WORKERS=$((cores < 4 ? cores : 4)) # each takes a gigabyte
  exec "$venv/bin/python" -m pytest -n auto "$@"
fi
exec "$venv/bin/python" -P -m repro "$@" # -P: a folder `repro` where the user stands is not ours
