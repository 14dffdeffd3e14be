using ConsistentMadvise.Interop;
using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target from a pidfd that the caller has already, and files of its directory.</summary>
public sealed class PidfdTargetTests
{
    [KernelFact]
    public void Open_APidfd_IsThatProcessThoughTheCallerClosesIt()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        Assert.Equal(Errno.None, Kernel.PidfdOpen(process.Pid, out SafeDescriptor pidfd));

        using ProcessTarget target = ProcessTarget.Open(pidfd);
        pidfd.Dispose();

        using ProcessTarget byPid = ProcessTarget.Open(process.Pid);
        Assert.Equal(byPid.Identity, target.Identity);
        Assert.False(target.HasExited);
        Assert.NotEmpty(target.CaptureLayout());
        process.AssertRuns();
    }

    [KernelFact]
    public void Open_WhatIsNoPidfdOrNoTarget_SaysSo()
    {
        using SafeFileHandle file = File.OpenHandle("/dev/null");
        Assert.Contains("pidfd_open(2)", Assert.Throws<ArgumentException>(() => ProcessTarget.Open(file)).Message, StringComparison.Ordinal);

        Assert.Equal(Errno.None, Kernel.PidfdOpen(Environment.ProcessId, out SafeDescriptor itself));
        using (itself)
        {
            Assert.Equal(TargetError.IsCaller, Assert.Throws<TargetException>(() => ProcessTarget.Open(itself)).Error);
        }

        SafeDescriptor gone;
        using (RaceTargetProcess process = RaceTargetProcess.Start())
        {
            Assert.Equal(Errno.None, Kernel.PidfdOpen(process.Pid, out gone));
        }

        using (gone)
        {
            Assert.Equal(TargetError.NotFound, Assert.Throws<TargetException>(() => ProcessTarget.Open(gone)).Error);
        }

        Assert.Throws<ObjectDisposedException>(() => ProcessTarget.Open(gone));
    }

    [KernelFact]
    public void OpenProcFile_ReadsTheTargetOrNothing()
    {
        using RaceTargetProcess process = RaceTargetProcess.Start();
        using ProcessTarget target = ProcessTarget.Open(process.Pid);

        using (StreamReader reader = new(new FileStream(target.OpenProcFile("status"), FileAccess.Read)))
        {
            Assert.Contains($"Pid:\t{process.Pid}\n", reader.ReadToEnd(), StringComparison.Ordinal);
        }

        Assert.Equal(Errno.ENOENT.Value, Assert.Throws<TargetException>(() => target.OpenProcFile("no-such-file")).Errno);
        foreach (string outside in (string[])["", "/etc/passwd", "../self/maps", "task/../../self/maps", "maps\0"])
        {
            Assert.ThrowsAny<ArgumentException>(() => target.OpenProcFile(outside));
        }

        process.Dispose();
        Assert.Equal(TargetError.NotFound, Assert.Throws<TargetException>(() => target.OpenProcFile("status")).Error);
    }
}
