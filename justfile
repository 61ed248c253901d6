# What developers run. `just` alone lists it.

_list:
    @just --list --unsorted

# Format, clippy without warnings, tests: what a change must pass.
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test

# Rewrite what the case folders expect; read the diff before you keep it.
bless:
    KEYFORM_TEST=bless cargo test --test main every_case
    git diff --stat tests/cases

# Benches through the library, then keyform beside terraform.
bench *options:
    cargo bench
    cargo build --release
    benches/vs-terraform.sh --keyform target/release/keyform {{ options }}

# The library's documentation; broken links are errors.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Licences, bans and sources of what is linked (needs cargo-deny).
deny:
    cargo deny check licenses bans sources

# Everything, with the clients that other people wrote.
ci:
    .ci/run
