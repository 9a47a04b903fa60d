#!/usr/bin/env bash
# tools/compare_peers.sh [WORK_DIR]: 1,000 prompts end to end against the same static loopback endpoint, in one run each,
# by this program (schedule, send, check by rules, store durably, report), by promptfoo and by a bare aiohttp loop that
# only asks and parses. Prints wall time and CPU of each, and the ratios. Installs promptfoo (npm) and aiohttp (pip) into
# WORK_DIR, a temporary folder unless given; nothing is changed elsewhere. Needs a build with benches:
#
#   ninja -C build inverse-ifeval bench_static_server && tools/compare_peers.sh
set -euo pipefail
cd "$(dirname "$0")/.."
build=$PWD/build
connections=64 prompts=1000

fail() {
  printf 'compare_peers: %s\n' "$*" >&2
  exit 1
}
[ -x "$build/inverse-ifeval" ] && [ -x "$build/bench/bench_static_server" ] ||
  fail "build first: ninja -C build inverse-ifeval bench_static_server"
for tool in npm python3; do command -v $tool >/dev/null || fail "$tool is needed"; done

work=${1:-}
if [ -z "$work" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi
mkdir -p "$work/run"
work=$(cd "$work" && pwd)
[ -x "$work/node_modules/.bin/promptfoo" ] ||
  npm install --prefix "$work" --no-audit --no-fund --loglevel=error promptfoo >/dev/null
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import aiohttp' 2>/dev/null || "$work/venv/bin/pip" install --quiet aiohttp

cat >"$work/measure.py" <<'PYTHON'
# measure.py LOG COMMAND...: runs it and prints "wall cpu" in seconds, children included.
import resource, subprocess, sys, time

before = resource.getrusage(resource.RUSAGE_CHILDREN)  # of what started this interpreter, where that is a script
begun = time.monotonic()
with open(sys.argv[1], "w") as log:
    status = subprocess.run(sys.argv[2:], stdout=log, stderr=subprocess.STDOUT).returncode
wall = time.monotonic() - begun
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
print(f"{wall:.3f} {cpu:.3f}")
sys.exit(status)
PYTHON

cat >"$work/loop.py" <<'PYTHON'
# loop.py URL PROMPTS CONNECTIONS: asks each prompt once and reads the answer.
import asyncio, sys
import aiohttp

async def main(url, prompts, connections):
    todo = iter(range(prompts))
    texts = []

    async def worker(session):
        for number in todo:
            body = {"model": "static", "messages": [{"role": "user", "content": f"Question {number}: why?"}]}
            async with session.post(url + "/chat/completions", json=body) as reply:
                texts.append((await reply.json())["choices"][0]["message"]["content"])

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections)) as session:
        await asyncio.gather(*(worker(session) for _ in range(connections)))
    assert len(texts) == prompts

asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
PYTHON

for ((i = 0; i < prompts; ++i)); do
  printf '{"schema":1,"id":"q%d","type":"CCF","language":"english","messages":[{"role":"user","content":"Question %d: why?"}],"rubric":[{"id":"c1","kind":"inversion","text":"t"}],"checks":[{"rule":"mentions","criterion":"c1","params":{"any":["words"]}}],"complete":true}\n' $i $i
done >"$work/dataset.jsonl"

rm -f "$work/port" # of an earlier run
"$build/bench/bench_static_server" --seconds 900 >"$work/port" &
server=$!
trap 'kill $server 2>/dev/null || true; [ -n "${1:-}" ] || rm -rf "$work"' EXIT
until [ -s "$work/port" ]; do sleep 0.05; done
url=http://127.0.0.1:$(cat "$work/port")/v1

{
  echo "prompts: ['Question {{n}}: why?']"
  echo "providers: [{id: 'openai:chat:static', config: {apiBaseUrl: '$url', apiKey: none}}]"
  echo "defaultTest: {assert: [{type: icontains, value: words}]}"
  echo "tests:"
  for ((i = 0; i < prompts; ++i)); do echo "  - vars: {n: $i}"; done
} >"$work/promptfooconfig.yaml"

measure() { python3 "$work/measure.py" "$@"; }
cd "$work/run"
rm -rf ./*
read -r our_wall our_cpu < <(measure ours.log "$build/inverse-ifeval" run --model openai:static --base-url "$url" \
  --judge rules --dataset "$work/dataset.jsonl" --max-connections $connections --quiet)
grep -q ' 1000 ' ours.log || grep -q '1,\?000' ours.log || fail "our run failed: $work/run/ours.log"
read -r loop_wall loop_cpu < <(measure loop.log "$work/venv/bin/python" "$work/loop.py" "$url" $prompts $connections)
export PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1 PROMPTFOO_DISABLE_REMOTE_GENERATION=1 \
  PROMPTFOO_CONFIG_DIR=$work/promptfoo
read -r foo_wall foo_cpu < <(measure promptfoo.log "$work/node_modules/.bin/promptfoo" eval \
  -c "$work/promptfooconfig.yaml" --no-cache --no-table --no-progress-bar -j $connections -o out.json) || true
python3 - out.json $prompts <<'PYTHON' || fail "promptfoo failed: $work/run/promptfoo.log"
import json, sys

stats = json.load(open(sys.argv[1]))["results"]["stats"]
sys.exit(stats["successes"] != int(sys.argv[2]))
PYTHON

version=$("$work/node_modules/.bin/promptfoo" --version 2>/dev/null | tail -n 1)
aiohttp=$("$work/venv/bin/python" -c 'import aiohttp; print(aiohttp.__version__)')
printf '%-28s %10s %10s\n' "$prompts prompts, $connections at once" 'wall s' 'CPU s'
printf '%-28s %10s %10s\n' inverse-ifeval "$our_wall" "$our_cpu" "aiohttp $aiohttp" "$loop_wall" "$loop_cpu" \
  "promptfoo $version" "$foo_wall" "$foo_cpu"
awk -v w="$our_wall" -v c="$our_cpu" -v lw="$loop_wall" -v lc="$loop_cpu" -v fw="$foo_wall" -v fc="$foo_cpu" 'BEGIN {
  printf "promptfoo takes %.0f times the time and %.0f times the CPU; aiohttp %.1f times the time, %.1f times the CPU\n",
    fw / w, fc / c, lw / w, lc / c }'
