#!/usr/bin/env bash
# Builds everything, starts the demo server and the three hall devices, prints every address and account, and
# stays until Ctrl-C. Ends exactly the processes that it started. The data stays in $YICHUANG_DEMO_DATA.
set -euo pipefail
cd "$(dirname "$0")/.."

data=${YICHUANG_DEMO_DATA:-demo-data}
listen=${YICHUANG_DEMO_LISTEN:-127.0.0.1:8080}
kiosk_listen=${YICHUANG_DEMO_KIOSK:-127.0.0.1:8091}
display_listen=${YICHUANG_DEMO_DISPLAY:-127.0.0.1:8092}
programs=${CARGO_TARGET_DIR:-target}/debug
begun=$SECONDS
started=()

step() { printf '\n== [%d 分 %02d 秒] %s\n' $(((SECONDS - begun) / 60)) $(((SECONDS - begun) % 60)) "$*"; }

# Devices first, the server last, so that nothing waits for a server that is gone.
finish() {
  trap - EXIT INT TERM
  local index
  for ((index = ${#started[@]} - 1; index >= 0; index--)); do
    kill -TERM "${started[index]}" 2>/dev/null || true
  done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "${ready:-}"
}
trap finish EXIT
trap 'printf "\n正在结束……\n"; finish; printf "已结束。数据留在 %s，再次 make demo 会接着用。\n" "$data"; exit 0' INT TERM

# start NAME PROGRAM ARGUMENT…: waits for the program's one line of JSON. Logs stay in $data/log.
start() {
  local name=$1 program=$2 log=$data/log/$1-$stamp.log status=0 waited=0 pid
  shift 2
  "$programs/$program" "$@" >"$ready/$name" 2>"$log" &
  pid=$!
  started+=("$pid")
  until [ -s "$ready/$name" ]; do
    if ! kill -0 "$pid" 2>/dev/null; then
      unset 'started[-1]'
      wait "$pid" || status=$?
      printf '\n%s 没有启动（退出码 %d）：\n' "$name" "$status" >&2
      tail -n 1 "$log" | sed -E 's/^\{.*"message":"([^"]*)".*$/\1/' >&2
      printf '日志：%s\n' "$log" >&2
      exit "$status"
    fi
    sleep 0.2
    waited=$((waited + 1))
    if [ "$waited" -gt 600 ]; then
      printf '\n%s 两分钟还没有就绪：\n' "$name" >&2
      cat "$log" >&2
      exit 1
    fi
  done
}

field() { node -e 'const [file, key] = process.argv.slice(1); console.log(JSON.parse(require("fs").readFileSync(file, "utf8").split("\n")[0])[key] ?? "")' "$1" "$2"; }

step '检查工具'
scripts/setup.sh demo
step '网页：安装依赖并构建（第一次约 1 分钟）'
scripts/pages.sh install
# Pages built anew are embedded anew, which takes minutes: only when something of them changed.
built=web/node_modules/.built
if [ -e web/dist/portal.html ] && [ -e "$built" ] && [ -z "$(find web -path web/node_modules -prune -o -path web/dist -prune -o -type f -newer "$built" -print -quit)" ]; then
  echo '网页没有变化'
else
  scripts/pages.sh build
  touch "$built"
fi
step '程序：编译四个程序（第一次在两核上几分钟，以后几秒；make test 用的是同一份）'
cargo build --workspace --bins --locked

step "启动：服务器、取号机、大屏、打印（数据在 $data）"
ready=$(mktemp -d)
stamp=$(date +%Y%m%d-%H%M%S)
mkdir -p "$data/log"
start server yichuang demo --listen "$listen" --data "$data"
url=$(field "$ready/server" url)
url=${url%/}
start kiosk yichuang-kiosk --server "$url" --data "$data/kiosk" --token demo-kiosk --listen "$kiosk_listen"
start display yichuang-display --server "$url" --data "$data/display" --token demo-display --listen "$display_listen"
start printer yichuang-printer --server "$url" --data "$data/printer" --token demo-printer --folder "$data/slips"
# The pad runs in a browser, so it is paired as every pad is: a code from the IT account, typed in once.
pad_code=$(node --input-type=module -e '
  const [url] = process.argv.slice(1);
  const post = async (path, body, cookie) => {
    const headers = { "content-type": "application/json", ...(cookie && { cookie }) };
    const answer = await fetch(`${url}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const signedIn = await post("/sessions", { username: "it", password: "demo-it" });
  const cookie = signedIn.headers.get("set-cookie").split(";")[0];
  const made = await post("/sites/demo-center/pairing-codes", { kind: "pad", window_id: "w_dc_1" }, cookie);
  console.log((await made.json()).code);
' "$url")
kiosk=$(field "$ready/kiosk" url)
display=$(field "$ready/display" url)

cat <<TEXT

一窗演示已就绪，用了 $(((SECONDS - begun) / 60)) 分 $(((SECONDS - begun) % 60)) 秒。数据都是样例，没有真人。

  大厅
    取号机        ${kiosk%/}/
    叫号大屏      ${display%/}/
    窗口屏        ${display%/}/?view=window
    评价器        $url/pad（1 号窗口的；第一次打开输配对码 $pad_code，十分钟内有效）
    号票          $data/slips/（每张一个 ESC/POS 字节文件和一张 PNG）
    短信和邮件    $data/messages/（演示不真发，都写在这里）
  工作人员
    登录          $url/sign-in
    窗口受理      $url/desk        clerk1 … clerk6
    审批          $url/approve     approver1 approver2，分管领导 leader1
    统一出证      $url/pickup      issuer
    大厅主管      $url/hall        supervisor
  群众
    首页          $url/
    扫号票上的码  $url/t/…

  密码都是 demo- 加用户名，如 clerk1 的是 demo-clerk1。还有 guide1 helper1 district admin it auditor。
  按 Ctrl-C 结束；数据留在 $data。
TEXT

while :; do
  for index in "${!started[@]}"; do
    if ! kill -0 "${started[index]}" 2>/dev/null; then
      printf '\n有一个程序自己停了，日志：\n' >&2
      tail -n 20 "$data/log/"*"-$stamp.log" >&2
      exit 1
    fi
  done
  sleep 1 &
  wait $! || true
done
