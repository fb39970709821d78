#!/bin/sh
# As in the public image: what is no program is a script or an option for node.
set -e

if ! command -v -- "$1" > /dev/null || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
