#!/usr/bin/env bash
# Makes a small Debian out of the packages of the machine's own mirrors, as an image of one layer.
# Usage: build.sh <image reference> <label>
set -euo pipefail

reference="$1" label="$2"
suite=bookworm

# The mirrors as apt knows them, in whatever file and form they are configured.
sources="$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
  'Identifier: Packages' 'Origin: Debian' | grep -E " $suite(-updates|-security)? main\$" | sort -u)"
if [ -z "$sources" ]; then
  echo "no Debian mirror of $suite among apt's sources; add one and run apt-get update" >&2
  exit 1
fi

# The options stay in the image: what is installed on top brings no documentation either.
slim=()
for kind in doc man info locale; do
  slim+=("--dpkgopt=path-exclude=/usr/share/$kind/*")
done

mmdebstrap --quiet --variant=minbase "${slim[@]}" "$suite" - - <<< "$sources" \
  | docker import --change "LABEL $label" --change 'CMD ["bash"]' - "$reference"
