/*
 * The protocol of ConsistentMadvise: a target that changes its layout, a sharer of its address space, engines that hint it, their guards,
 * a recoverer, and death at any step. What is checked, and with which switches, is in check.sh; what it means in ../11-model.md.
 *
 * Two VMAs. text[v] is what maps says of one, memory[v] which memory it is: an unmap and map of the same line (ABA) changes the memory and
 * leaves the text. sequence is mm_lock_seq: odd while a writer is inside.
 */

#ifndef ENGINES
#define ENGINES 1
#endif
#ifndef CHANGES
#define CHANGES 2          /* how often the layout changes */
#endif
#ifndef MATCH
#define MATCH LAYOUT
#endif

#define LAYOUT    1
#define RANGES    2
#define SEQUENCE  3

#define VMAS 2             /* a window advises one: two windows in all */

byte text[VMAS];
byte memory[VMAS];
byte sequence;
byte changesLeft = CHANGES;
bool inside;               /* the target is in a system call that changes its layout: no freeze takes hold before its end */
bool frozen;               /* somebody has asked for the target to be held */

bool alive[ENGINES];
bool guardAlive[ENGINES];
bool armed[ENGINES];       /* the journal: the freeze is this engine's */
bool stopped[ENGINES];     /* SIGSTOP: the engine takes no further step, and lets nothing go */
byte watch[ENGINES];       /* the page that an engine shares with its guard, which acts at the pause limit */
byte lease;                /* who may freeze: 0 nobody, else engine + 1 */
bool traced;               /* held by ptrace: its death lets go */
bool stoppedBefore;        /* somebody else holds the target, and nobody but he may let it go */

#define IDLE    0
#define ARMED   1
#define FIRING  2
#define FIRED   3

#define IS_HELD   ((frozen || traced) && !inside)
#define OTHER(i)  (1 - (i))

/* What the chosen match can tell of a VMA. */
#if MATCH == SEQUENCE
#define IS_PLANNED(v) (memory[v] == 0)
#else
#define IS_PLANNED(v) (text[v] == 0)
#endif

inline change_layout(v) {
    if
    :: text[v] = 1 - text[v]; memory[v]++        /* another mapping, or the first one's line again */
    :: memory[v]++                               /* ABA: the same line, other memory */
    fi
}

active proctype Target() {
    byte v;
    do
    :: atomic { changesLeft > 0 && !frozen && !traced && (sequence & 1) == 0 -> changesLeft--; inside = true; sequence++ };
       if :: v = 0 :: v = 1 fi;
       atomic { change_layout(v) };
       atomic { sequence++; inside = false }
    :: changesLeft == 0 -> break
    od
}

#ifdef SHARER
byte sharerChanges = 1;

active proctype Sharer() {
    byte v;
    do
    :: atomic { sharerChanges > 0 && (sequence & 1) == 0 -> sharerChanges--; sequence++ };
       if :: v = 0 :: v = 1 fi;
       atomic { change_layout(v) };
       sequence++
    :: sharerChanges == 0 -> break
    od
}
#endif

/* The plan was made when everything was 0. */
inline recheck(isFirst, window, result) {
    atomic {
#if MATCH == SEQUENCE
        accepted = sequence;
        result = (sequence == 0);
#elif MATCH == RANGES
        accepted = sequence;
        result = text[window] == 0 && (!isFirst || (text[0] == 0 && text[1] == 0)) && (sequence & 1) == 0;
#else
        accepted = sequence;
        result = text[0] == 0 && text[1] == 0 && (sequence & 1) == 0;
#endif
    }
}

inline look_behind(i, window, result) {
#ifdef NO_SEQUENCE
    atomic { result = text[window] == 0 }
#else
    atomic { result = (sequence == accepted) }
#endif
#if defined(WATCHDOG) && !defined(NO_LOOK_AT_THE_WATCHDOG)
    result = result && (!isOurs || watch[i] == ARMED)
#endif
}

#ifdef WATCHDOG
/* A guard that has begun to act is waited for: it must not thaw the next window. */
inline disarm(i) {
#ifdef NO_WAIT_FOR_THE_WATCHDOG
    watch[i] = IDLE
#else
    atomic { watch[i] != FIRING -> watch[i] = IDLE }
#endif
}
#endif

inline let_go(i) {
    if
    :: isOurs ->
#ifdef PTRACE
       traced = false
#else
#ifdef DISARM_FIRST
#ifdef WATCHDOG
       disarm(i);
#endif
       armed[i] = false; frozen = false;
#else
       frozen = false;
#ifdef WATCHDOG
       disarm(i);
#endif
       armed[i] = false;
#endif
#endif
       isOurs = false
    :: else
    fi
}

inline freeze(i) {
#ifndef NO_LEASE
    if
    :: atomic { lease == 0 -> lease = i + 1 }
    :: lease != 0 -> goto done                   /* the deadline */
    fi;
#endif
#ifdef PTRACE
    atomic { traced = true; isOurs = true };
#else
#if ENGINES > 1 && !defined(NO_CLAIM_CHECK)
    if
#ifdef CLAIM_CHECK_WHEN_FROZEN
    :: !frozen || !armed[OTHER(i)]
    :: frozen && armed[OTHER(i)] -> goto done    /* the deadline */
#else
    :: !armed[OTHER(i)]
    :: armed[OTHER(i)] -> goto done              /* the deadline */
#endif
    fi;
#endif
    if
    :: frozen -> isOurs = false                  /* another's freeze: used, and left as it is */
    :: else ->
#ifdef ARM_AFTER
       frozen = true; isOurs = true; armed[i] = true
#else
#ifdef WATCHDOG
       watch[i] = ARMED;
#endif
       armed[i] = guardAlive[i];
       if
       :: armed[i] -> isOurs = true; frozen = true
       :: else -> goto done                      /* no guard: refused */
       fi
#endif
    fi;
#endif
    if
    :: IS_HELD
    :: inside -> let_go(i); goto done            /* the deadline */
    :: !frozen && !traced -> let_go(i); goto done /* another let it go */
    fi
}

proctype Engine(byte i) {
    byte window;
    byte accepted;
    bool isOurs;
    bool fits;
    bool isUnmoved;
    bool hasMisled;                              /* a hint landed on memory that the plan was not made from */
    bool isTouched;
    bool isApplied = true;
    {
        do
        :: window < VMAS ->
#ifdef OPTIMISTIC
            recheck(!isTouched, window, fits);
#else
#ifndef NO_FREEZE
            freeze(i);
#endif
#ifdef NO_RECHECK
            fits = true; accepted = sequence;
#else
            recheck(!isTouched, window, fits);
#endif
#endif
            if
            :: !fits && !isTouched -> isApplied = false; let_go(i); break           /* stale */
            :: !fits && isTouched && MATCH != RANGES -> isApplied = false; let_go(i); break
            :: !fits && isTouched && MATCH == RANGES -> isApplied = false           /* dropped: the rest goes on */
            :: fits ->
#ifdef THAW_BEFORE_ADVISE
                let_go(i);
#endif
                atomic {
                    hasMisled = hasMisled || !IS_PLANNED(window);
                    isTouched = true;
#ifdef MUST_NOT_MISLEAD
                    assert(IS_PLANNED(window));
#endif
                };
#ifdef NO_LOOK_BEHIND
                isUnmoved = true;
#else
                look_behind(i, window, isUnmoved);
#endif
                if
                :: !isUnmoved -> isApplied = false; let_go(i); break                /* raced */
                :: else
                fi
            fi;
            let_go(i);
            atomic { lease == i + 1 -> lease = 0 } unless { lease != i + 1 };
            window++
        :: else -> break
        od;
        assert(!(isApplied && hasMisled));       /* whatever raced was reported */
done:
        skip
    } unless { !alive[i] || stopped[i] };
#ifdef STOP
    !stopped[i] || !alive[i];                    /* what is stopped holds what it holds; a kill ends that too */
#endif
    atomic {                                     /* exit, orderly or not: the kernel lets go of locks and tracees */
        if :: lease == i + 1 -> lease = 0 :: else fi;
#ifdef PTRACE
        if :: traced && isOurs -> traced = false :: else fi;
#endif
        alive[i] = false
    }
}

#ifndef PTRACE
#ifndef NO_GUARD
proctype Guard(byte i) {
    {
        !alive[i];                               /* the pipe was closed */
        if
#ifdef GUARD_THAWS_ALL
        :: true ->
#else
        :: armed[i] ->
#endif
            frozen = false; armed[i] = false
        :: else
        fi
    } unless { !guardAlive[i] }
}

#ifdef WATCHDOG
/* The journal says whether there is a freeze of ours. */
inline fire(i) {
    if
    :: armed[i] -> frozen = false
    :: else
    fi;
    watch[i] = FIRED
}

/* The same process, at the pause limit: it may pass at any step after arming. A caller that was slow to freeze is thawed too, and again. */
proctype Watchdog(byte i) {
    {
        do
        :: atomic { watch[i] == ARMED -> watch[i] = FIRING }; fire(i)
#ifndef FIRES_ONCE
        :: atomic { watch[i] == FIRED && armed[i] && frozen -> watch[i] = FIRING }; fire(i)
#endif
        od
    } unless { !guardAlive[i] }
}
#endif

#ifdef RECOVER
/* Acts where owner and guard are both dead. */
proctype Recoverer(byte i) {
    !alive[i] && !guardAlive[i];
    if
    :: armed[i] -> frozen = false; armed[i] = false
    :: else
    fi
}
#endif
#endif
#endif

#ifdef STOP
/* SIGSTOP, at any step or never. */
proctype Stopper(byte i) {
    if :: stopped[i] = true :: skip fi
}
#endif

#ifdef CRASH
/* SIGKILL, at any step or never; the guard first if it dies too. */
proctype Killer(byte i) {
#ifdef GUARD_DIES
    if :: guardAlive[i] = false :: skip fi;
#endif
    if :: alive[i] = false :: skip fi
}
#endif

init {
    byte i;
    atomic {
#ifdef STOPPED_BEFORE
        stoppedBefore = true; frozen = true;
#endif
        for (i : 0 .. ENGINES - 1) {
            alive[i] = true;
            guardAlive[i] = true;
            run Engine(i);
#ifndef PTRACE
#ifndef NO_GUARD
            run Guard(i);
#ifdef WATCHDOG
            run Watchdog(i);
#endif
#ifdef RECOVER
            run Recoverer(i);
#endif
#endif
#endif
#ifdef CRASH
            run Killer(i);
#endif
#ifdef STOP
            run Stopper(i);
#endif
        }
    }
}

/* When nothing can happen any more: nobody is left frozen, and who was stopped before us still is. */
active proctype End() {
    timeout -> assert(frozen == stoppedBefore && !traced)
}
