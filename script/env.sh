# shellcheck shell=bash
# Sourced by every script: where things are, which Rust compiles, and the words they share.
# It looks and decides; it installs nothing (script/bootstrap does that).
# shellcheck disable=SC2034 # what is set here is read by the scripts

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# The oldest Rust that builds everything here, tools included (cargo-leptos sets it), and the one that is installed.
RUST_VERSION=1.96.0
WASM=wasm32-unknown-unknown
CARGO_LEPTOS_VERSION=0.3.11

# Tools are kept outside the clone: a second clone, or CI, builds them once.
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/bulkhead
TOOLS=$CACHE/tools
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}

PATH=$ROOT/node_modules/.bin:$TOOLS/bin:$PATH
[ -d "$HOME/.cargo/bin" ] && PATH=$PATH:$HOME/.cargo/bin
export PATH
# The queries are checked against .sqlx/; only script/gen asks a database.
export SQLX_OFFLINE=true
# Another Rust than the one chosen below is never downloaded behind our back.
export RUSTUP_AUTO_INSTALL=0

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() { printf '\033[31merror:\033[0m %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# with_rust NAME COMMAND…: runs it with that rustup toolchain; `default` is whatever a plain `cargo` is.
with_rust() {
    local toolchain=$1
    shift
    if [ "$toolchain" = default ]; then "$@"; else RUSTUP_TOOLCHAIN=$toolchain "$@"; fi
}

# new_enough NAME: is that toolchain there, and not older than RUST_VERSION?
new_enough() {
    local version
    have rustc && have cargo || return 1
    version=$(with_rust "$1" rustc --version 2>/dev/null | cut -d' ' -f2) || return 1
    [ -n "$version" ] && printf '%s\n%s\n' "$RUST_VERSION" "$version" | sort -V -C
}

# links_wasm NAME: a real check, not a look for files: an empty library compiled and linked for the browser. A standard
# library left over from an older compiler, or a missing linker, fails here and not twenty minutes into a build.
links_wasm() {
    local probe status=0
    probe=$(mktemp -d)
    with_rust "$1" rustc --crate-name probe --crate-type cdylib --target "$WASM" -o "$probe/probe.wasm" - \
        </dev/null >/dev/null 2>&1 || status=1
    rm -rf "$probe"
    return $status
}

# choose_rust: exports RUSTUP_TOOLCHAIN where a plain `cargo` would not do. Fails when nothing here is usable yet.
choose_rust() {
    local toolchain
    for toolchain in default "$RUST_VERSION" debian; do
        if new_enough "$toolchain" && links_wasm "$toolchain"; then
            [ "$toolchain" = default ] || export RUSTUP_TOOLCHAIN=$toolchain
            return 0
        fi
    done
    return 1
}

# locked_version CRATE: the version in Cargo.lock.
locked_version() {
    awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/version = |"/, ""); print; exit }' "$ROOT/Cargo.lock"
}

# postgres_bin: the directory of PostgreSQL's server programs, newest first; Debian keeps them out of PATH.
postgres_bin() {
    local dir
    for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin | sort -rV); do
        if [ -x "$dir/initdb" ]; then echo "$dir"; return 0; fi
    done
    have initdb && dirname "$(command -v initdb)"
}

# find_chromium: the browser of the end-to-end tests.
find_chromium() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && have "$name"; then command -v "$name"; return 0; fi
    done
    return 1
}

# npm_install DIRECTORY: exactly its package-lock.json, and nothing when that is there already. No package's install
# script runs: what we use ships its binaries in the packages themselves.
npm_install() {
    local stamp=$1/node_modules/.installed-lock.json
    cmp -s "$1/package-lock.json" "$stamp" && return 0
    say "npm: installing $1/package-lock.json"
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error
    cp "$1/package-lock.json" "$stamp"
}
