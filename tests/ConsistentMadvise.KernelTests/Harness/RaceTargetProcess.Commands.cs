using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

internal sealed partial class RaceTargetProcess
{
    /// <summary>Maps private anonymous memory that touches no other VMA; returns its address.</summary>
    public ulong Map(int pages, string protection = "rw") => Address(Send($"map {pages} {protection}")[0]);

    /// <summary>The same, with every page written to.</summary>
    public ulong MapTouched(int pages)
    {
        ulong address = Map(pages);
        Touch(address, pages);
        return address;
    }

    public ulong MapFile(string path, int pages, bool shared = false) => Address(Send($"mapfile {path} {pages} {(shared ? "shared" : "private")}")[0]);

    public void Unmap(ulong address, int pages) => Send($"unmap {address:x} {pages}");

    public void Protect(ulong address, int pages, string protection) => Send($"protect {address:x} {pages} {protection}");

    public void Touch(ulong address, int pages) => Send($"touch {address:x} {pages}");

    public void Read(ulong address, int pages) => Send($"read {address:x} {pages}");

    /// <summary>Resizes in place, or moves to a place that touches no other VMA; returns the address.</summary>
    public ulong Remap(ulong address, int oldPages, int newPages, bool move = false) =>
        Address(Send($"remap {address:x} {oldPages} {newPages}{(move ? " move" : "")}")[0]);

    /// <summary>Grows or, negative, shrinks the heap; returns its new end.</summary>
    public ulong Break(int pages) => Address(Send($"brk {pages}")[0]);

    /// <summary>Puts new memory in the place of what <see cref="Map"/> made, with the same line in maps: ABA.</summary>
    public void ReplaceWithSame(ulong address, int pages) => Send($"replace {address:x} {pages} same");

    /// <summary>Puts new memory there that is read-only.</summary>
    public void ReplaceWithOther(ulong address, int pages) => Send($"replace {address:x} {pages} other");

    public void Advise(ulong address, int pages, int advice) => Send($"madvise {address:x} {pages} {advice}");

    public void Lock(ulong address, int pages) => Send($"mlock {address:x} {pages}");

    /// <summary>How many of the pages are present, and how many are in swap.</summary>
    public (int Present, int Swapped) Resident(ulong address, int pages)
    {
        string[] values = Send($"resident {address:x} {pages}");
        return ((int)Number(values[0]), (int)Number(values[1]));
    }

    /// <summary>Makes adjacent VMAs of touched pages with alternating protection.</summary>
    public (ulong Address, ulong Stride) Fields(int count, int pages)
    {
        string[] values = Send($"fields {count} {pages}");
        return (Address(values[0]), (ulong)Number(values[1]));
    }

    public void StartThread() => Send("thread");

    public void StartThreads(int count, bool spin = false) => Send($"threads {count}{(spin ? " spin" : "")}");

    /// <summary>Creates this many threads that exit again, one after the other.</summary>
    public void RunBriefThreads(int count) => Send($"brief {count}");

    /// <summary>Starts to map, unmap and protect in an arena; 0 operations a second means as many as it can.</summary>
    public (ulong Arena, int Pages) StartChurn(int operationsPerSecond, int seed)
    {
        string[] values = Send($"churn {operationsPerSecond} {seed}");
        return (Address(values[0]), (int)Number(values[1]));
    }

    /// <summary>The same, but returns after so many operations, when the arena is at rest. Equal seeds make equal arenas, in other targets too.</summary>
    public (ulong Arena, int Pages) ChurnOnce(int operations, int seed)
    {
        string[] values = Send($"churn 0 {seed} {operations}");
        return (Address(values[0]), (int)Number(values[1]));
    }

    /// <summary>Stops it; returns how many operations there were, and how many pages did not hold what was written to them.</summary>
    public (long Operations, long Damaged) StopChurn()
    {
        string[] values = Send("churn stop");
        return (Number(values[0]), Number(values[1]));
    }

    public void StartGapRecorder() => Send("gap start");

    /// <summary>The largest gap so far between two clock reads of a busy thread.</summary>
    public TimeSpan LargestGap() => TimeSpan.FromMicroseconds(Number(Send("gap read")[0]) / 1000.0);

    public void StopGapRecorder() => Send("gap stop");

    /// <summary>Has a thread wait for a page inside a system call, where nothing stops it, until <see cref="BringPage"/>.</summary>
    public void HoldInFault() => Send("fault hold");

    public void BringPage() => Send("fault release");

    /// <summary>Forks a child that waits; returns its process id. It is gone when the target is.</summary>
    public int Fork() => Adopt(Send("fork"));

    /// <summary>Takes charge of a process that the target has answered with; returns its process id. It is gone when the target is.</summary>
    public int Adopt(string[] answer)
    {
        int pid = (int)Number(answer[0]);
        _offspring.Add(OpenPidfd(pid));
        return pid;
    }

    /// <summary>Ends what the target has started.</summary>
    public void EndOffspring()
    {
        _offspring.ForEach(End);
        _offspring.Clear();
    }

    /// <summary>Starts a process that shares the target's memory.</summary>
    public Sharer StartSharer(bool vfork = false)
    {
        string command = vfork ? "vfork-hold" : "clonevm";
        Post(command);
        return AcceptSharer(command);
    }

    /// <summary>Waits for the sharer that such a command starts.</summary>
    public Sharer AcceptSharer(string command)
    {
        string[] values = Accept(command);
        Sharer sharer = new(Adopt(values), $"/proc/{Pid}/fd/{values[1]}", $"/proc/{Pid}/fd/{values[2]}");
        _sharers.Add(sharer);
        return sharer;
    }

    /// <summary>Has a sharer start another one, its child; returns its pid.</summary>
    public int StartSharerOf(Sharer sharer)
    {
        int pid = sharer.CloneItself();
        _offspring.Add(OpenPidfd(pid));
        return pid;
    }

    /// <summary>Execs the target's program again in the same process; returns when that is ready.</summary>
    public void Exec(bool randomized = true)
    {
        string command = randomized ? "exec same" : "exec noaslr";
        Post(command);
        AwaitReadyAgain();
    }

    /// <summary>Waits until the target's program has restarted.</summary>
    public void AwaitReadyAgain() => Assert.Equal($"ready {Pid}", Receive("exec"));

    /// <summary>Has the target stop itself; returns when it has. Its answer comes after it was continued.</summary>
    public void StopItself()
    {
        Post("stop");
        WaitUntilStopped();
    }

    public void WaitUntilStopped() => Eventually.Holds(() => ThreadStatus.ReadAll(Pid).All(static thread => thread.IsStopped), "every thread is stopped");

    /// <summary>Continues a target that had stopped itself.</summary>
    public void Continue()
    {
        Signal(Uapi.SIGCONT);
        Accept("stop");
    }

    /// <summary>Ends the thread-group leader; another goes on with the commands.</summary>
    public void ExitLeader() => Send("exitmain");

    /// <summary>Has the target exit; returns when it is gone.</summary>
    public void Exit(int code)
    {
        Post($"exit {code}");
        WaitUntilGone();
    }

    public int CountVmas() => (int)Number(Send("vmas")[0]);

    private static ulong Address(string word) => ulong.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static long Number(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
