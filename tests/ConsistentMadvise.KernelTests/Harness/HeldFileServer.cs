using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target that serves the file system whose file it maps, and answers no read of it until it gets a command.</summary>
internal sealed class HeldFileServer : IDisposable
{
    private readonly CProgram _program = CProgram.StartApart("heldfs");
    private readonly TestCgroup _cgroup;

    public HeldFileServer()
    {
        string? line = _program.ReadLine();
        Assert.True(int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int pid), $"the file server has started: {line}");
        Pid = pid;
        _cgroup = _program.InCgroup(pid);
        Target = ProcessTarget.Open(pid);
    }

    public int Pid { get; }

    public ProcessTarget Target { get; }

    /// <summary>Its file, for processes of other mount namespaces.</summary>
    public string PathFromOutside => $"/proc/{Pid}/root{File.ReadLines($"/proc/{Pid}/mountinfo").Select(static line => line.Split(' ')[4]).Single(static place => place.Contains("cm-heldfs", StringComparison.Ordinal))}/f";

    /// <summary>A plan to read its file ahead, which waits for it.</summary>
    public HintPlan Plan() => HintPlan.Create(Target.Capture(), Advice.WillNeed, static vma => vma.GetName().Contains("cm-heldfs", StringComparison.Ordinal));

    /// <summary>Waits until it was asked for the file: a call waits for it.</summary>
    public void AwaitRead() => Assert.Equal("read", _program.ReadLine());

    /// <summary>Has it answer all reads, from now on.</summary>
    public void Answer() => _program.WriteLine("go");

    public void AssertRuns()
    {
        Assert.False(_cgroup.IsSetFrozen);
        Assert.All(ThreadStatus.ReadAll(Pid), static thread => Assert.False(thread.IsStopped));
    }

    /// <summary>Waits until ptrace holds every thread.</summary>
    public void AwaitTraced() => Eventually.Holds(() => ThreadStatus.ReadAll(Pid).All(static thread => thread.IsStopped), "the target is frozen");

    public void Dispose()
    {
        Target.Dispose();
        _program.Dispose();
    }
}
