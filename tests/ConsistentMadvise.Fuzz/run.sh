#!/usr/bin/env bash
# Fuzzes one target with SharpFuzz and AFL++ for so many minutes: tests/ConsistentMadvise.Fuzz/run.sh TARGET MINUTES
# Findings are kept in artifacts/fuzz/TARGET/TIME. Exit code 1: an input crashed or hung; 2: usage, or something is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  echo "usage: run.sh TARGET MINUTES, where TARGET is one of $(ls Corpus | tr '\n' ' ')" >&2
  exit 2
}

(( $# == 2 )) && [[ -d "Corpus/$1" && "$2" =~ ^[1-9][0-9]*$ ]] || usage
readonly target=$1 minutes=$2
command -v afl-fuzz > /dev/null || { echo "error: afl-fuzz is missing; the Debian package is afl++" >&2; exit 2; }
dotnet tool restore > /dev/null

readonly work="$(mktemp -d)"
readonly findings="$(cd ../.. && pwd)/artifacts/fuzz/$target/$(date -u +%Y%m%dT%H%M%S)"
mkdir -p "$findings"
trap 'rm -rf "$work"' EXIT

# Only this copy is instrumented, never what a build puts in bin.
dotnet publish ConsistentMadvise.Fuzz.csproj -c Release -o "$work/fuzz" -v quiet
dotnet tool run sharpfuzz "$work/fuzz/ConsistentMadvise.dll"

# dotnet itself has no instrumentation to check; where core dumps go and how the processor is clocked is the machine's affair.
export AFL_MAP_SIZE=65536 AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1
# The first run compiles the program.
export AFL_FORKSRV_INIT_TMOUT=60000
export DOTNET_TieredPGO=0 DOTNET_gcServer=0
readonly options=(-m none -t 5000) program=(dotnet "$work/fuzz/ConsistentMadvise.Fuzz.dll" "$target")
dictionary=()
[[ -e "Dictionaries/$target.dict" ]] && dictionary=(-x "Dictionaries/$target.dict")

# The edges that the inputs of a folder reach, all together.
edges() {
  nice -n 19 afl-showmap -q -C "${options[@]}" -i "$1" -o "$work/map" -- "${program[@]}" > "$findings/showmap.log" 2>&1 || { cat "$findings/showmap.log" >&2; exit 2; }
  wc -l < "$work/map"
}

readonly first="$(edges "Corpus/$target")"
nice -n 19 afl-fuzz -i "Corpus/$target" -o "$findings" "${dictionary[@]}" "${options[@]}" -G 16384 -V $(( minutes * 60 )) -- "${program[@]}" \
  > "$findings/log" 2>&1 || { tail -n 20 "$findings/log" >&2; exit 2; }

readonly stats="$findings/default/fuzzer_stats"
stat() { awk -F' *: *' -v name="$1" '$1 == name { print $2 }' "$stats"; }
echo "$target: $(stat execs_done) executions in $(stat run_time) s, $(stat execs_per_sec) a second, stability $(stat stability)"
echo "$target: $first edges at the start, $(stat edges_found) at the end; $(stat corpus_count) inputs kept, of which $(stat corpus_found) new"
echo "$target: $(stat saved_crashes) crashes, $(stat saved_hangs) hangs; findings in $findings"
(( $(stat saved_crashes) == 0 && $(stat saved_hangs) == 0 ))
