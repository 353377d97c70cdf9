#!/usr/bin/env bash
# Runs the benchmark of the optimised program in a folder of its own, which goes afterwards. Beside it, in the
# same run, the ceiling: a bare handler that inserts the same rows.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${CARGO_TARGET_DIR:-target}/demo
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
"$programs/yichuang" bench --data "$data/house" --ceiling "$programs/examples/ceiling" "$@"
