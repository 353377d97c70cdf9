# 一窗 Yichuang：两条命令是 make demo 和 make test，其余在开发时用。make 或 make help 列出全部。
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo pictures test check nightly nightly-keeper bench fmt setup test-pages test-browser test-lints test-rust test-contract

say = @printf '\n== %s\n' "$(1)"

help: ## 列出这些命令
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: ## 从零编译并启动演示：服务器、取号机、大屏、打印；Ctrl-C 结束，数据留在 demo-data/
	@scripts/demo.sh

# The tests in the browser wait half of their time, the lints never do: they go beside each other, and each says what it
# has to say when it is through.
test: setup test-pages ## 装好所缺的，然后格式、静态检查、类型、全部测试
	$(call say,网页在浏览器里，旁边是 Rust 的静态检查和文档)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-browser test-lints
	@$(MAKE) --no-print-directory test-rust test-contract
	$(call say,全部通过)

test-pages: ## 网页：格式、静态检查、类型、单元测试、构建
	$(call say,网页：按 package-lock.json 安装)
	@scripts/pages.sh install
	$(call say,网页：格式、静态检查、类型)
	@scripts/pages.sh check
	$(call say,网页：单元测试)
	@scripts/pages.sh unit
	$(call say,网页：构建)
	@scripts/pages.sh build

test-browser: ## 网页：在浏览器里
	$(call say,网页：在浏览器里)
	@scripts/pages.sh browser

# Without MAKEFLAGS, or cargo would keep to the one place that make gives it.
test-lints: ## Rust：格式、静态检查、文档
	$(call say,Rust：格式)
	cargo fmt --all --check
	$(call say,Rust：静态检查)
	MAKEFLAGS= cargo clippy --workspace --all-targets --locked -- -D warnings
	$(call say,Rust：文档)
	MAKEFLAGS= RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked --quiet

test-rust: ## Rust：全部测试（要真程序和浏览器的也在其中）
	$(call say,Rust：编译四个程序，系统测试要启动它们)
	cargo build --workspace --bins --locked
	$(call say,Rust：全部测试)
	cargo nextest run --workspace --locked --no-fail-fast --test-threads $$((3 * $$(nproc)))

test-contract: ## OpenAPI 文档和由它生成的客户端是不是最新的
	$(call say,OpenAPI 与生成的客户端)
	@scripts/contract.sh check

check: ## 开发时的快速一圈：格式、静态检查、规则的测试（不装东西，不跑系统测试）
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo nextest run -p domain -p protocol -p slip -p edge --test-threads $$((3 * $$(nproc)))
	@if [ -d web/node_modules ]; then scripts/pages.sh check; else echo '网页未检查：还没有 web/node_modules，先运行 make setup'; fi

nightly: nightly-keeper ## 大的一遍：一百万次叫号的公平性模拟（make test 里是五万二千次），一万个断网的厅（make test 里是 304 个）
	YICHUANG_PROOF=nightly cargo nextest run -p domain --test fairness --cargo-profile measured --locked --success-output final

nightly-keeper: ## 大的一遍里断网的那部分：一万个种子；多少个由 YICHUANG_KEEPER_COUNT 定
	YICHUANG_KEEPER_COUNT=$${YICHUANG_KEEPER_COUNT:-10000} cargo nextest run --workspace --locked --success-output final \
		-E 'test(=keeper_simulation::seeds_that_were_asked_for)'

bench: ## 速度和目标（SQLite，synchronous=FULL），旁边是同一次测得的对照；只测几项：make bench ARGS="--section issue"
	cargo build --profile measured -p server --bin yichuang --example ceiling --locked
	@scripts/bench.sh $(ARGS)

fmt: ## 统一格式，并重新生成 OpenAPI 文档与客户端
	cargo fmt --all
	@if [ -d web/node_modules ]; then scripts/pages.sh format; fi
	@scripts/contract.sh write

TO ?= pictures
pictures: ## 每个页面、每种状态一张图，写到 pictures/；写到别处：make pictures TO=文件夹
	@scripts/pages.sh install
	YICHUANG_PICTURES=$(abspath $(TO)) scripts/pages.sh browser
	@scripts/pages.sh build
	cargo build --workspace --bins --locked
	YICHUANG_PICTURES=$(abspath $(TO)) cargo nextest run -p tests --locked --no-fail-fast --test-threads $$((3 * $$(nproc))) \
		-E 'test(/^(system|browser|walk)/) + test(/^(papers|archive|assistances)::/)'
	$(call say,图在 $(abspath $(TO)))

setup: ## 装好测试所需的（Debian 软件包、cargo-nextest）；已有的不动
	@scripts/setup.sh test
