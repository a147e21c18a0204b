#!/usr/bin/env bash
# Makes, once, the environment that the locks describe (.venv), and passes everything on to `python -m repro` in it.
# `./run_all.sh test ...` runs pytest instead.
set -euo pipefail

here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
venv=$here/.venv
python=$venv/bin/python
log=$here/.install.log
guard=$here/.install.lock # held during an install; not empty: that install has not come to its end
unset PYTHONHOME
export PYTHONNOUSERSITE=1 PYTHONPATH="$here" PIP_USER=0

say() { printf 'run_all.sh: %s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

pick_python() { # prints a Python that the locks are made for, or says what was found instead
  local candidates=(python3.12 python3.13 python3.11 python3 python python3.14 python3.10) candidate version found=""
  if [ -n "${PYTHON-}" ]; then candidates=("$PYTHON"); fi
  for candidate in "${candidates[@]}"; do
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
      3.11 | 3.12 | 3.13)
        if "$candidate" -I -c 'import ensurepip, venv' 2>/dev/null; then printf '%s\n' "$candidate"; return; fi
        version="$version without venv (Debian: apt install python$version-venv)" ;;
    esac
    case ", $found," in *", $version,"*) ;; *) found="${found:+$found, }$version" ;; esac
  done
  found="found ${found:-none}${PYTHON:+ at PYTHON=$PYTHON}"
  fail "needs Python 3.11, 3.12 or 3.13; $found. Install one, or name one: PYTHON=/path/to/python3.12 ./run_all.sh"
}

asked() { [ -z "${PYTHON-}" ] || [ "$("$PYTHON" -V 2>&1)" = "$("$python" -V 2>&1)" ]; } # is .venv of that Python?

stamp() { sha256sum <"$here/$1" && "$python" -V; } # what the install of a lock leaves behind

ready() { # ready LOCK...: whether all are installed as they are now
  local lock
  for lock in "$@"; do
    [ "$(cat -- "$venv/$lock.installed" 2>/dev/null)" = "$(stamp "$lock" 2>/dev/null)" ] || return 1
  done
  asked
}

make_venv() { # make_venv LOCK: an empty one for it, in the place of whatever was there
  local base free takes="0.6 GB to download, 2.2 GB" needs=3
  if [ "$1" = requirements-gpu.txt ]; then takes="3 GB to download, 7 GB"; needs=9; fi
  base=$(pick_python)
  rm -f -- "$venv"/*.installed
  rm -rf -- "$venv"
  free=$(df -Pk -- "$here" | sed -nE '2s/.* ([0-9]+) +[0-9]+% .*/\1/p')
  if [ "${free:-99999999}" -lt "${needs}000000" ]; then
    : >"$guard"
    fail "an install takes $needs GB, and $((free / 1000)) MB are free at $here: make room there, then start again"
  fi
  say "making the environment: about $takes on disk, in $venv (pip's messages: $log)"
  "$base" -I -m venv "$venv" >>"$log" 2>&1 || failed $?
}

failed() { # failed STATUS: one line about a venv or pip that ended with it
  local reason
  if [ "$1" -le 128 ]; then : >"$guard"; fi # it ended by itself, and cleaned up
  reason=$(grep '^ERROR' "$log" | tail -n 1 || true)
  reason=${reason:-$(tail -n 1 "$log")}
  if grep -q 'Retrying (' "$log"; then reason="$reason (is there a connection to the package index?)"; fi
  fail "the install failed: ${reason:-it was stopped}; mend that and start again. All messages: $log"
}

install() { # whatever of the locks is not installed as it is now
  local lock
  [ -w "$here" ] || fail "cannot write to $here, where .venv belongs: copy the project to a folder of your own"
  exec 9>>"$guard"
  if command -v flock >/dev/null && ! flock -n 9; then
    say "another start is installing; waiting for it"
    flock 9
    if ready "$@"; then exec 9>&-; return; fi
  fi
  trap 'say "interrupted; the same command starts the install again"; exit 130' INT
  : >"$log"
  # An interrupted pip leaves packages that look whole, and tensorflow-cpu does not make way for tensorflow.
  if [ -s "$guard" ] || ! asked || ! "$python" -I -c 'import pip' 2>/dev/null ||
    { [ "$1" = requirements-gpu.txt ] && [ -e "$venv/requirements.txt.installed" ]; }; then
    echo "installing" >&9
    make_venv "$1"
  else
    echo "installing" >&9
    say "installing what $* asks for (pip's messages: $log)"
  fi
  for lock in "$@"; do
    if ready "$lock"; then continue; fi
    rm -f -- "$venv/$lock.installed"
    "$python" -I -m pip install --no-input --no-color --require-hashes -r "$here/$lock" >>"$log" 2>&1 || failed $?
    stamp "$lock" >"$venv/stamp" && mv -- "$venv/stamp" "$venv/$lock.installed"
  done
  : >"$guard"
  exec 9>&- # the program must not hold it
  trap - INT
}

gpu() { # what is installed for a GPU also serves without
  [ -e "$venv/requirements-gpu.txt.installed" ] && return
  case ${CUDA_VISIBLE_DEVICES-all} in "" | -1) return 1 ;; esac
  nvidia-smi -L 2>/dev/null | grep '^GPU' >/dev/null
}

if gpu; then locks=(requirements-gpu.txt); else locks=(requirements.txt); fi
if [ "${1-}" = test ]; then locks+=(requirements-test.txt); fi
if ! ready "${locks[@]}"; then install "${locks[@]}"; fi

if [ "${1-}" = test ]; then
  shift
  cd -- "$here"
  exec "$python" -m pytest "$@"
fi
exec "$python" -P -m repro "$@"
