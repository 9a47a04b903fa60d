#!/usr/bin/env bash
# ./test.sh: installs what is missing (as quickstart.sh does, and the test tools), then proves the checkout:
#   release   builds everything in build/ and runs all tests, the include layers among them
#   style     clang-format on our sources, a short clang-tidy list on src/, types of the HTML report's script
#   sanitize  builds everything again in build-asan/ with ASan and UBSan and runs all tests
#   threads   builds the rooms whose threads meet in build-tsan/ with TSan and runs their tests
#   fuzz      builds the fuzz targets in build-fuzz/ and runs each for 5 s, or 60 s where CI=true
# ./test.sh --fast stops after the release tests. Running it again rebuilds only what changed.
# The first failure ends it with a non-zero status.
set -euo pipefail
cd "$(dirname "$0")"
. tools/build.sh

fast=
case "${1:-}" in
  '') ;;
  --fast) fast=1 ;;
  -h | --help)
    sed -n '2,9s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *)
    echo "test.sh: unknown argument '$1' (usage: ./test.sh [--fast])" >&2
    exit 2
    ;;
esac

step=
started=0
trap '[ $? = 0 ] || echo "test.sh: FAILED in: $step" >&2' EXIT
begin() {
  local now=$SECONDS
  [ -z "$step" ] || echo "    ($((now - started)) s)"
  step=$1 started=$now
  echo "==> $step"
}

# run_tests DIR [ctest argument...]: sets `passed` and `skipped` from what ctest says, and fails where it does.
run_tests() {
  local log=$1/ctest.log failed=0
  ctest --test-dir "$1" "${@:2}" --parallel "$(nproc)" --no-tests=error --output-on-failure --progress >"$log" 2>&1 || failed=1
  if [ $failed = 1 ]; then
    grep -v '^Test project\|^ *Start ' "$log" | tail -n 200 >&2
    return 1
  fi
  skipped=$(grep -c '(Skipped)$' "$log" || true)
  passed=$(($(sed -n 's/.*tests passed, 0 tests failed out of \([0-9]*\)$/\1/p' "$log") - skipped))
  grep '(Skipped)$' "$log" | sed 's/^[[:space:]]*[0-9]* - /    skipped: /' || true
  grep 'tests passed' "$log"
}

begin "Checking what the build and the tests need"
tools/setup.sh --test

begin "Release build in build/"
configure_and_build build all -DCMAKE_BUILD_TYPE=Release -DIIE_TESTS=ON
begin "Tests on the release build"
run_tests build
release_passed=$passed release_skipped=$skipped

if [ -n "$fast" ]; then
  echo "PASSED: $release_passed tests on the release build, $release_skipped skipped, 0 failed"
  exit 0
fi

begin "Types of the HTML report's script"
node web/node_modules/typescript/bin/tsc -p web

begin "clang-format"
find src test bench fuzz cmake \( -name '*.cc' -o -name '*.h' \) -print0 |
  xargs -0 -r -n 40 -P "$(nproc)" clang-format-19 --dry-run -Werror

begin "clang-tidy"
# All findings at once (-k 0), not the first file's.
ninja -C build -k 0 --quiet tidy | { grep -v ' warnings\? generated\.$' || true; }

begin "ASan and UBSan build in build-asan/"
configure_and_build build-asan all -DCMAKE_BUILD_TYPE=Sanitize -DIIE_SANITIZE=address,undefined -DIIE_TESTS=ON
begin "Tests with ASan and UBSan"
export UBSAN_OPTIONS=print_stacktrace=1
run_tests build-asan

sanitized=$passed sanitized_skipped=$skipped

begin "TSan build of engine, net and store in build-tsan/"
configure_and_build build-tsan threaded_tests -DCMAKE_BUILD_TYPE=Sanitize -DIIE_SANITIZE=thread -DIIE_TESTS=ON
begin "Tests with TSan"
run_tests build-tsan --label-regex '^(engine|net|store)$'

begin "Fuzz targets in build-fuzz/"
configure_and_build build-fuzz fuzzers -DIIE_FUZZ=ON -DCMAKE_BUILD_TYPE=Sanitize \
  -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19
seconds=5
[ "${CI:-}" != true ] || seconds=60
begin "Fuzzing, $seconds s each"
tools/fuzz.sh build-fuzz "$seconds"
targets=$(find build-fuzz/fuzz -maxdepth 1 -type f -name 'fuzz_*' -perm -u+x | wc -l)
begin "Done in $SECONDS s"

echo "PASSED: $((release_passed + sanitized + passed)) tests ($release_passed release, $sanitized with ASan and UBSan," \
  "$passed with TSan), $((release_skipped + sanitized_skipped + skipped)) skipped, 0 failed; $targets fuzz targets for $seconds s each"
