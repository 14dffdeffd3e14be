using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// A container manager put a file of its own in the place of <c>/proc/loadavg</c> (LXCFS), whose last number stands still: no process seemed to have come since the last
/// search, and a new sharer was not seen. The number is believed only where it is procfs that gives it, and it counts threads.
/// </summary>
public sealed class ASharerWasMissedUnderAFrozenLoadavg
{
    [KernelFact(Needs.Root)]
    public void Open_AnotherFileInItsPlace_IsNotBelieved()
    {
        string standing = Path.GetTempFileName();
        File.WriteAllText(standing, File.ReadAllText("/proc/loadavg"));
        int read = -1, real = 0;
        try
        {
            OwnMounts.RunOnThread(() =>
            {
                OwnMounts.Bind(standing, "/proc/loadavg");
                using SafeDescriptor file = LastPid.Open();
                read = LastPid.Read(file);
            });
        }
        finally
        {
            File.Delete(standing);
        }

        using (SafeDescriptor file = LastPid.Open())
        {
            real = LastPid.Read(file);
        }

        Assert.Equal(0, read);
        Assert.NotEqual(0, real);
    }

    [Fact]
    public void Open_FileOfProcfsThatDoesNotCount_IsNotBelieved()
    {
        using SafeDescriptor file = LastPid.Open("/proc/version");

        Assert.Equal(0, LastPid.Read(file));
    }

    [KernelTheory(Needs.Ptrace | Needs.NiceCapability | Needs.X64)]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_NumberIsNotBelieved_FindsASharerThatCame(bool isBelieved)
    {
        using PlannedTarget target = new();
        SharerSearch search = new(target.Target);
        Assert.Equal(Errno.None, search.Run());
        Assert.Equal(0, search.Found.Length);
        if (!isBelieved)
        {
            search.AssumeNone(0); // as where the number cannot be read
        }

        Sharer sharer = target.Process.StartSharer();
        Assert.Equal(Errno.None, search.Run());

        Assert.Equal([sharer.Pid], search.Found.ToArray());
        target.Process.AssertRuns();
    }
}
