using System.Text;

namespace ConsistentMadvise.KernelTests;

/// <summary>Memory that is more than plain mappings, and the name of the process.</summary>
internal sealed partial class RaceTargetProcess
{
    /// <summary>Moves the pages to a place that touches no other VMA and leaves the VMA in place, empty; returns the new address.</summary>
    public ulong DontUnmap(ulong address, int pages) => Address(Send($"dontunmap {address:x} {pages}")[0]);

    /// <summary>Grows the initial thread's stack; returns where it begins then.</summary>
    public ulong GrowStack(int pages) => Address(Send($"stack {pages}")[0]);

    /// <summary>Maps a file that only this mapping knows; returns its address.</summary>
    public ulong MapMemfd(int pages, bool shared = false) => Address(Send($"memfd {pages} {(shared ? "shared" : "private")}")[0]);

    /// <summary>Maps and touches so many times 2 MiB for transparent huge pages; returns its address.</summary>
    public ulong MapHuge(int hugePages) => Address(Send($"huge {hugePages}")[0]);

    /// <summary>Maps and touches so many reserved pages of 2 MiB; returns their address.</summary>
    /// <exception cref="RaceTargetException">ENOMEM: so many are not reserved.</exception>
    public ulong MapHugeTlb(int hugePages) => Address(Send($"hugetlb {hugePages}")[0]);

    /// <summary>Puts the target into a process group of its own, which is not orphaned: job control's signals stop it wherever the tests run.</summary>
    public void MakeGroup() => Send("group");

    /// <summary>Gives the thread-group leader another name, of up to 15 bytes.</summary>
    public void Rename(string name) => Send($"rename {Convert.ToHexString(Encoding.UTF8.GetBytes(name))}");

    /// <summary>Runs another program in the same process, without arguments; returns when it is that program.</summary>
    public void ExecOther(string path, bool randomized = true)
    {
        string Program() => File.ResolveLinkTarget($"/proc/{Pid}/exe", returnFinalTarget: false)!.FullName;
        string before = Program();
        string command = $"exec other{(randomized ? "" : " noaslr")} {path}";
        Post(command);
        Eventually.Holds(() => Program() != before || (_replies.TryTake(TimeSpan.Zero, out string? line) ? throw new RaceTargetException($"'{command}' was answered with '{line}'") : false), $"the process runs {path}");
    }

    /// <summary>Asserts that a program that repeats its input, as cat(1) does, runs in the place of the target.</summary>
    public void AssertEchoes()
    {
        Assert.All(ThreadStatus.ReadAll(Pid), static thread => Assert.False(thread.IsStopped, $"the target's {thread}"));
        Post("ping");
        Assert.Equal("ping", Receive("ping"));
    }
}
