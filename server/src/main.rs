//! `yichuang`: the central service.

fn main() {
    std::process::exit(server::cli::run());
}
