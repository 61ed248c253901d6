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

# Benches through the library and of refreshes on the sandbox, then keyform beside terraform: with the kit at
# KEYFORM_BENCH_KIT, or with our own script.
bench *options:
    cargo bench
    cargo build --release
    kit=${KEYFORM_BENCH_KIT:-../shared/bench/vs-terraform.sh}; \
    if [ -f "$kit" ]; then sh "$kit" --bin target/release/keyform {{ options }}; \
    else echo "there is no kit at $kit, so benches/vs-terraform.sh runs"; \
    benches/vs-terraform.sh --keyform target/release/keyform {{ options }}; fi

# Beside terraform, at large: generated expressions, generated files to format, and the folders of tests/parity, with the
# counts of agreement.
parity expressions="20000" seed="1" formats="6000" conversions="1000":
    KEYFORM_EXPRESSIONS={{ expressions }} KEYFORM_FORMATS={{ formats }} KEYFORM_CONVERSIONS={{ conversions }} KEYFORM_SEED={{ seed }} cargo test --test main -- parity expressions fmt:: conversions unknowns --nocapture

# Whole applies, alone and two at once, against a service with bad moments, in simulated time; a failure names the seed that lives it again.
simulate seeds="10000" seed="1":
    KEYFORM_SEEDS={{ seeds }} KEYFORM_SEED={{ seed }} cargo test --test main -- simulate --nocapture

# Everything that reads text from outside under a fuzzer, each for so long; needs nightly and cargo-fuzz (fuzz/run says more).
fuzz seconds="60" *targets:
    fuzz/run {{ seconds }} {{ targets }}

# The program killed, and its calls failed, at so many of the system calls that touch its files, and killed at so many
# random moments (needs strace).
kills points="2000" random="1000":
    KEYFORM_KILLS={{ points }} KEYFORM_RANDOM_KILLS={{ random }} cargo test --test main -- kills --nocapture

# Every order in which so many faults can happen to one object.
model faults="4":
    KEYFORM_MODEL_FAULTS={{ faults }} cargo test --test main -- model --nocapture

# The library's documentation; broken links are errors.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Licences, bans and sources of what is linked (needs cargo-deny).
deny:
    cargo deny check licenses bans sources

# Known weaknesses of what is linked (needs cargo-deny, and fetches the list of them from the network).
deny-advisories:
    cargo deny check advisories

# Everything, with the clients that other people wrote.
ci:
    .ci/run
