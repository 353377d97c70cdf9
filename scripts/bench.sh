#!/usr/bin/env bash
# Runs the benchmark of the optimised program in a folder of its own, which goes afterwards.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
"${CARGO_TARGET_DIR:-target}/demo/yichuang" bench --data "$data" "$@"
