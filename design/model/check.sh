#!/usr/bin/env bash
# Checks the protocol exhaustively with Spin: what it must keep, and that the checks see it break when a step is left out.
#   check.sh        needs spin and a C compiler; prints one line a model, fails when one ends otherwise than it must
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
readonly model="$PWD/transaction.pml"
readonly work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
wrong=0

# check EXPECTED NAME [DEFINE...]: with these switches the model must keep every assertion in every run (holds), or break one (breaks).
check() {
  local expected=$1 name=$2 found states
  shift 2
  cd "$work"
  spin -a "${@/#/-D}" "$model" > spin.log 2>&1 || { cat spin.log; exit 1; }
  cc -O1 -w -DSAFETY -DNOREDUCE -o pan pan.c
  ./pan -E -m1000000 -n > pan.log
  if grep -q "assertion violated" pan.log; then found=breaks
  elif grep -q "errors: 0" pan.log && ! grep -q "max search depth too small\|out of memory" pan.log; then found=holds
  else cat pan.log; exit 1
  fi
  states=$(awk '/states, stored/ { print $1; exit }' pan.log)
  printf '%-6s %9s states  %s%s\n' "$found" "$states" "$name" "$([[ $found == "$expected" ]] || echo "  <-- must be: $expected")"
  [[ $found == "$expected" ]] || wrong=$((wrong + 1))
}

echo "-- no hint on a layout that is not the planned one, under a freeze; every race that remains is reported"
for match in LAYOUT RANGES SEQUENCE; do
  check holds "frozen, match $match" MATCH=$match MUST_NOT_MISLEAD
  check holds "frozen by ptrace, match $match" MATCH=$match MUST_NOT_MISLEAD PTRACE
  check holds "frozen, match $match, a sharer: reported" MATCH=$match SHARER
  check holds "optimistic, match $match: reported" MATCH=$match OPTIMISTIC SHARER
done
check holds "frozen, a sharer, told by the text: reported" SHARER NO_SEQUENCE
check breaks "left out: the freeze" MUST_NOT_MISLEAD NO_FREEZE
check breaks "left out: the recheck" MUST_NOT_MISLEAD NO_RECHECK
check breaks "thawed before the hint" MUST_NOT_MISLEAD THAW_BEFORE_ADVISE
check breaks "left out: the look behind, a sharer" SHARER NO_LOOK_BEHIND
check breaks "left out: the look behind, optimistic" OPTIMISTIC NO_LOOK_BEHIND

echo "-- two engines on one target, either killed at any step: nobody thaws another's freeze"
check holds "two engines" ENGINES=2 CHANGES=1 CRASH MUST_NOT_MISLEAD
check holds "two engines, ptrace" ENGINES=2 CHANGES=1 CRASH MUST_NOT_MISLEAD PTRACE
check breaks "left out: the lease" ENGINES=2 CHANGES=1 MUST_NOT_MISLEAD NO_LEASE
check breaks "left out: the look into the other's journal" ENGINES=2 CHANGES=1 CRASH MUST_NOT_MISLEAD NO_CLAIM_CHECK
check breaks "the other's journal is looked at only when the target is found frozen" ENGINES=2 CHANGES=1 CRASH MUST_NOT_MISLEAD CLAIM_CHECK_WHEN_FROZEN

echo "-- no target is left frozen for ever; one that was stopped before stays so"
check holds "nobody dies"
check holds "the caller is killed at any step" CRASH
check holds "the caller is killed at any step, ptrace" CRASH PTRACE
check holds "the guard is killed, then the caller; somebody recovers" CRASH GUARD_DIES RECOVER
check holds "stopped before, the caller is killed at any step" CRASH STOPPED_BEFORE
check breaks "left out: the guard" CRASH NO_GUARD
check breaks "left out: the recoverer" CRASH GUARD_DIES
check breaks "armed behind the freeze" CRASH ARM_AFTER
check breaks "disarmed before the thaw" CRASH DISARM_FIRST
check breaks "the guard thaws without asking the journal" CRASH STOPPED_BEFORE GUARD_THAWS_ALL

echo "-- the pause limit: the guard thaws whatever the caller does, and what it did is reported"
for match in LAYOUT RANGES SEQUENCE; do
  check holds "the limit passes at any step, match $match: reported" WATCHDOG MATCH=$match
done
check holds "the limit passes at any step, told by the text: reported" WATCHDOG NO_SEQUENCE
check holds "the caller is stopped at any step" WATCHDOG STOP
check holds "the caller is stopped or killed at any step" WATCHDOG STOP CRASH
check holds "stopped before, the caller is stopped at any step" WATCHDOG STOP STOPPED_BEFORE
check breaks "left out: the watchdog" STOP
check breaks "the watchdog acts once" WATCHDOG STOP FIRES_ONCE
check breaks "the watchdog is disarmed before the thaw" WATCHDOG STOP DISARM_FIRST
check breaks "a watchdog that acts is not waited for" WATCHDOG NO_SEQUENCE NO_WAIT_FOR_THE_WATCHDOG
check breaks "left out: the look at the watchdog" WATCHDOG NO_SEQUENCE NO_LOOK_AT_THE_WATCHDOG

(( wrong == 0 )) || { echo "$wrong models ended otherwise than they must" >&2; exit 1; }
echo "every model ended as it must"
