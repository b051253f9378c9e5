#!/bin/sh
# A Python as the engine's installation calls it: asked for itself, run as pip, run to unpack a wheel.
# FAKE says how it behaves; what it was asked to download goes to $FAKE_LOG.
PATH=/usr/bin:/bin
for last; do :; done
fail() {
  echo "2026-01-01T00:00:00,000 $1" >"$last"
  exit 1
}
case "$3" in
"")
  case "$FAKE" in
  no-pip) echo "no-pip cpython 3 11" ;;
  ancient) echo "pip cpython 3 8" ;;
  *) echo "pip cpython 3 11" ;;
  esac
  ;;
download)
  echo "$@" | tr '\n' ' ' >>"$FAKE_LOG"
  echo >>"$FAKE_LOG"
  case "$FAKE" in
  full) fail "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" ;;
  offline) fail "WARNING: Retrying after connection broken by 'NewConnectionError(Name or service not known)'
ERROR: No matching distribution found for tensorflow-cpu==2.21.0" ;;
  damaged) fail "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." ;;
  missing) fail "ERROR: No matching distribution found for tensorflow-cpu==2.21.0" ;;
  odd) fail "ERROR: HTTP error 418 while getting a teapot" ;;
  foreign) case "$*" in *--python-version*) ;; *) fail "ERROR: No matching distribution found for it" ;; esac ;;
  slow) sleep 1 ;;
  esac
  echo wheel >"$7/tensorflow_cpu-2.21.0.whl"
  ;;
*.whl)
  mkdir -p "$4/tensorflow"
  case "$FAKE" in empty) exit 0 ;; esac
  echo framework >"$4/tensorflow/libtensorflow_framework.so.2"
  case "$FAKE" in
  stuck) while kill -0 $PPID; do sleep 0.1; done && exit 1 ;; # until the program that called it is killed
  broken) echo "Bad CRC-32 for file 'tensorflow/libtensorflow_cc.so.2'" >&2 && exit 1 ;;
  esac
  echo library >"$4/tensorflow/libtensorflow_cc.so.2"
  ;;
esac
