#!/usr/bin/env bash
# tools/setup.sh [--test]: installs what the build needs and is missing; with --test also what the tests need.
#
# Three things: Debian packages (apt, with sudo when not root), the tree-sitter grammars and the bundler of the HTML report
# (npm, pinned by hash; no install script runs). Where nothing is missing, it neither needs root nor touches the network.
set -euo pipefail
cd "$(dirname "$0")/.."

build_packages=(
  build-essential ca-certificates ccache cmake ninja-build pkg-config
  hunspell-en-us libhunspell-dev
  libboost1.81-dev libboost-json1.81-dev libcli11-dev libcmark-gfm-dev libcmark-gfm-extensions-dev
  libcurl4-openssl-dev libfmt-dev libicu-dev libjemalloc-dev libre2-dev libsimdjson-dev libspdlog-dev libsqlite3-dev
  libssl-dev libyaml-dev zlib1g-dev
)
test_packages=(
  clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev # fuzzing and style checks
  libbenchmark-dev libgmock-dev libgtest-dev
)

fail() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

wanted=("${build_packages[@]}")
case "${1:-}" in
  '') ;;
  --test) wanted+=("${test_packages[@]}") ;;
  *) fail "unknown argument '$1' (usage: tools/setup.sh [--test])" ;;
esac

# npm writes node_modules last, so a stamp that equals the lock means a complete set.
npm_folders=(third_party/grammars web)
npm_current() { cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; }

# By command, not by package: node and npm often come from elsewhere, and Debian's npm would clash with that. The build
# itself runs node: it is what the bundler starts from.
command -v node >/dev/null || wanted+=(nodejs)
for folder in "${npm_folders[@]}"; do
  npm_current "$folder" || command -v npm >/dev/null || { wanted+=(npm) && break; }
done

command -v dpkg-query >/dev/null ||
  fail "this script knows Debian only. Install the counterparts of: ${wanted[*]}; then configure with CMake."

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ]; then
    as_root=(env)
  elif command -v sudo >/dev/null; then
    as_root=(sudo)
  else
    fail "these packages are missing, and installing them needs root or sudo. As root: apt-get install ${missing[*]}"
  fi
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  apt() {
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@" \
      >"$log" 2>&1 || {
      tail -n 20 "$log" >&2
      fail "'apt-get $1' failed; the lines above say why"
    }
  }
  apt update
  apt install -y --no-install-recommends "${missing[@]}"
fi

for folder in "${npm_folders[@]}"; do
  npm_current "$folder" && continue
  echo "setup: fetching what $folder/package-lock.json names (npm, versions and hashes from there)"
  # The flags repeat the folder's .npmrc, so that a user's own npm settings cannot turn scripts back on.
  (cd "$folder" && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error >/dev/null) ||
    fail "npm ci failed in $folder; the lines above say why"
  cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock"
done
