#!/bin/sh
# As in the public image: what is no program is a script or an option for node.
set -e

if ! command -v "$1" > /dev/null; then
  set -- node "$@"
fi
exec "$@"
