#!/usr/bin/env bash
# The pages in web/: install exactly what the lock file says, check, test, build. `browser` tests them in Chromium with
# data of their own; `build` also says how much a first visit loads. Scripts that package.json does not have yet are an error, so that nothing is skipped in silence.
set -euo pipefail
cd "$(dirname "$0")/../web"

# npm ci takes half a minute; it is done again only when the lock file changed.
install() {
  local stamp=node_modules/.installed-from
  if [ -e "$stamp" ] && cmp -s package-lock.json "$stamp"; then
    echo '已是最新'
  else
    npm ci --no-audit --no-fund
    cp package-lock.json "$stamp"
  fi
}

case ${1:-} in
  install) install ;;
  check)
    # Beside each other: each of them keeps one processor busy.
    parts=()
    for part in format:check lint typecheck; do
      npm run --silent "$part" &
      parts+=($!)
    done
    for part in "${parts[@]}"; do wait "$part"; done
    ;;
  unit) npm run --silent test ;;
  browser) npm run --silent test:browser ;;
  build)
    npm run --silent build
    node ../scripts/first-load.mjs
    ;;
  format) npm run --silent format ;;
  *)
    echo "usage: $0 install|check|unit|browser|build|format" >&2
    exit 2
    ;;
esac
