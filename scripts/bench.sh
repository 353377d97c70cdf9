#!/usr/bin/env bash
# Runs the benchmark of the optimised program in a folder of its own, which goes afterwards. Beside it, in the
# same run, programs that only write the same rows. Where PostgreSQL is installed a private cluster with its own
# defaults is measured too. Arguments go to `yichuang bench`, e.g. `--section issue,calls`.
set -euo pipefail
cd "$(dirname "$0")/.."
programs=${CARGO_TARGET_DIR:-target}/measured
data=$(mktemp -d)
cluster=
end() {
  if [ -n "$cluster" ]; then as_postgres "$cluster/pg_ctl" -D "$data/postgres/data" -m immediate stop >/dev/null 2>&1 || true; fi
  rm -rf "$data"
}
trap end EXIT

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# A private cluster on a unix socket in the folder; prints the address of an empty database.
start_postgres() {
  mkdir "$data/postgres"
  if [ "$(id -u)" = 0 ]; then chmod 711 "$data" && chown postgres: "$data/postgres"; fi
  as_postgres "$cluster/initdb" -D "$data/postgres/data" -U postgres -A trust -E UTF8 --locale=C >/dev/null
  as_postgres "$cluster/pg_ctl" -D "$data/postgres/data" -l "$data/postgres/log" -w start \
    -o "-c listen_addresses='' -c unix_socket_directories=$data/postgres" >/dev/null
  echo "postgres://postgres@localhost/postgres?host=$data/postgres"
}

options=()
case " $* " in
  *" --section "*postgres*|*" --section="*postgres*) wanted=1 ;;
  *" --section"*) wanted= ;;
  *) wanted=1 ;;
esac
newest=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -n "$wanted" ] && [ -x "$newest/initdb" ]; then
  cluster=$newest
  options=(--postgres "$(start_postgres)")
fi
"$programs/yichuang" bench --data "$data/house" --ceiling "$programs/examples/ceiling" "${options[@]}" "$@"
