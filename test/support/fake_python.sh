#!/bin/sh
# A Python as the engine's installation calls it: asked for itself, run as pip, run to unpack a wheel.
# FAKE says how it behaves; what it was asked to download goes to $FAKE_LOG. It unpacks what is in $FAKE_LIBRARIES.
PATH=/usr/bin:/bin
[ "$1 $2" = "-I -c" ] || exit 1 # isolated: nothing is imported from the working folder
for last; do :; done
fail() {
  echo "2026-01-01T00:00:00,000 $1" >"$last"
  exit 1
}
case "$4" in
"")
  case "$FAKE" in
  no-pip) echo "no-pip cpython 3 11" ;;
  ancient) echo "pip cpython 3 8" ;;
  hanging) sleep 60 ;;
  *) echo "pip cpython 3 11" ;;
  esac
  ;;
download)
  echo "$@" $(cat "${11}") | tr '\n' ' ' >>"$FAKE_LOG"
  echo >>"$FAKE_LOG"
  case "$FAKE" in
  full) fail "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" ;;
  offline) fail "WARNING: Retrying after connection broken by 'NewConnectionError(Name or service not known)'
ERROR: No matching distribution found for tensorflow-cpu==2.21.0" ;;
  missing) fail "ERROR: No matching distribution found for tensorflow-cpu==2.21.0" ;;
  odd) fail "ERROR: HTTP error 418 while getting a teapot" ;;
  foreign) case "$*" in *--python-version*) ;; *) fail "ERROR: No matching distribution found for it" ;; esac ;;
  slow) sleep 1 ;;
  esac
  echo wheel >"$9/tensorflow_cpu-2.21.0.whl"
  ;;
*.whl)
  mkdir -p "$5/tensorflow"
  case "$FAKE" in
  empty) exit 0 ;;
  real) ln -s "$FAKE_LIBRARIES"/libtensorflow_* "$5/tensorflow" && exit ;;
  esac
  echo framework >"$5/tensorflow/libtensorflow_framework.so.2"
  case "$FAKE" in
  stuck) while kill -0 $PPID; do sleep 0.1; done && exit 1 ;; # until the program that called it is killed
  broken) echo "Bad CRC-32 for file 'tensorflow/libtensorflow_cc.so.2'" >&2 && exit 1 ;;
  esac
  echo library >"$5/tensorflow/libtensorflow_cc.so.2"
  ;;
esac
