#!/usr/bin/env bash
# The OpenAPI document and the TypeScript client made from it lie in the repository. `check` makes both anew
# and fails when they differ from what is there; `write` puts the new ones in place.
set -euo pipefail
cd "$(dirname "$0")/.."
document=web/openapi.json
client=web/src/shared/api.d.ts
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# With the whole workspace, as `make test` has built it: the server alone would be built with other features, anew.
cargo build --quiet --workspace --bins --locked
"${CARGO_TARGET_DIR:-target}/debug/yichuang" openapi >"$fresh/openapi.json"
(cd web && npx --no-install openapi-typescript "$fresh/openapi.json" -o "$fresh/api.d.ts" >/dev/null)

case ${1:-} in
  write)
    cp "$fresh/openapi.json" "$document"
    cp "$fresh/api.d.ts" "$client"
    ;;
  check)
    for pair in "$document $fresh/openapi.json" "$client $fresh/api.d.ts"; do
      read -r kept made <<<"$pair"
      diff -u "$kept" "$made" | head -n 40 || {
        echo "$kept 不是最新的：运行 make fmt 并提交" >&2
        exit 1
      }
    done
    echo '两个文件都是最新的'
    ;;
  *)
    echo "usage: $0 check|write" >&2
    exit 2
    ;;
esac
