//! `yichuang`: the central service.

/// Every command makes and frees many small things on several threads; what that buys: `docs/speed.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    std::process::exit(server::cli::run());
}
