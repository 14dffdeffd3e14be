using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The process that thaws what a journal records as held, once its owner has exited.</summary>
/// <remarks>
/// It is our own command if that is found, else a shell. It runs in its own session, so that signals to the owner's process group or terminal do not reach it. Its input is a pipe
/// whose other end only the owner holds: the kernel closes it when the owner dies, for whatever reason. The command also tracks its owner by pidfd, and enforces pause limits.
/// </remarks>
[RunsFrozen]
internal sealed class FreezeGuard : IDisposable
{
    private const string Shell = "/bin/sh";

    private readonly SafeDescriptor _pipe;
    private readonly SafeDescriptor _pidfd;

    private FreezeGuard(SafeDescriptor pipe, SafeDescriptor pidfd, GuardIdentity identity, bool keepsLimits)
    {
        _pipe = pipe;
        _pidfd = pidfd;
        Identity = identity;
        KeepsLimits = keepsLimits;
    }

    public GuardIdentity Identity { get; }

    /// <summary>Whether it also thaws when a pause limit has passed: a shell cannot.</summary>
    public bool KeepsLimits { get; }

    /// <summary>The line that a guard prints when it is ready.</summary>
    public static string ReadyLine(int pid) => string.Create(CultureInfo.InvariantCulture, $"ready {pid}");

    /// <summary>Determines whether it has exited. Allocates nothing.</summary>
    public Errno HasExited(out bool hasExited) => Kernel.IsReadable(_pidfd, out hasExited);

    /// <summary>Determines whether it would act: it has not exited, and it is not stopped. Allocates nothing.</summary>
    public Errno IsRunning(out bool isRunning)
    {
        Errno errno = HasExited(out bool hasExited);
        ProcStat stat = default;
        errno = errno.Ok && !hasExited ? ProcFile.ReadStat(Identity.Pid, out stat) : errno;
        isRunning = errno.Ok && !hasExited && !stat.IsStopped;
        return errno;
    }

    /// <summary>Makes it check the deadlines again. Allocates nothing.</summary>
    public void Wake() => Kernel.Write(_pipe, "\n"u8, out _); // fails only if the pipe is full of wakes, or the guard has exited

    /// <summary>Describes what this machine lacks for a guard; null if it lacks nothing.</summary>
    public static string? WhyNot() => GuardBinary.Find() is null && !File.Exists(Shell) ? $"there is neither {GuardBinary.Name} nor {Shell}" : null;

    /// <summary>Starts a guard, and returns when it is ready; null, and the reason, if none is available.</summary>
    public static FreezeGuard? Start(string journal, out string why)
    {
        why = string.Empty;
        if (GuardBinary.Find() is { } binary && Start(binary, [GuardBinary.Mode, journal], keepsLimits: true, out why) is { } guard)
        {
            return guard;
        }

        if (File.Exists(Shell))
        {
            return StartShell(journal, ref why);
        }

        why = why.Length == 0 ? WhyNot()! : why;
        return null;
    }

    /// <summary>Starts a shell as the guard.</summary>
    private static FreezeGuard? StartShell(string journal, ref string why)
    {
        Errno errno = TimeNamespace.ReadOffset(out long shift);
        if (!errno.Ok)
        {
            why = $"the offset of the caller's time namespace could not be read: {errno}";
            return null;
        }

        string before = why.Length == 0 ? string.Empty : $"; {why}";
        FreezeGuard? guard = Start(
            Shell, ["-c", GuardScript.Text, "consistent-madvise-guard", journal, shift.ToString(CultureInfo.InvariantCulture)], keepsLimits: false, out why);
        why += guard is null ? before : string.Empty;
        return guard;
    }

    /// <summary>Closes its input: it thaws what is held, removes the journal and exits.</summary>
    public void Dispose()
    {
        _pipe.Dispose();
        ChildReaper.Add(_pidfd);

        // The pidfd stays open: a window of another thread may be using it. Its finalizer closes it.
    }

    private static FreezeGuard? Start(string program, string[] arguments, bool keepsLimits, out string why)
    {
        Errno errno = Kernel.Pipe(out SafeDescriptor input, out SafeDescriptor pipe);
        StartedProgram? started = null;
        why = $"no pipe could be created: {errno}";
        using (input)
        {
            started = errno.Ok ? StartedProgram.Start(program, arguments, input, out why) : null;
        }

        FreezeGuard? guard = started is null ? null : Accept(program, started, pipe, keepsLimits, out why);
        if (guard is null)
        {
            pipe.Dispose();
            if (started is not null)
            {
                ChildReaper.Add(started.Pidfd);
            }
        }

        return guard;
    }

    private static FreezeGuard? Accept(string program, StartedProgram started, SafeDescriptor pipe, bool keepsLimits, out string why)
    {
        if (started.FirstLine != ReadyLine(started.Pid))
        {
            why = $"{program} did not start guarding{(started.FirstLine.Length == 0 ? string.Empty : $": {started.FirstLine}")}";
            return null;
        }

        Errno errno = ProcFile.ReadStat(started.Pid, out ProcStat stat);
        why = !errno.Ok ? $"the guard could not be checked: {errno}"
            : stat.ParentPid != Environment.ProcessId ? "the guard has exited"
            : GuardRights.WhatIsMissing(started.Pid) ?? string.Empty;
        return why.Length == 0 ? new FreezeGuard(pipe, started.Pidfd, new GuardIdentity(started.Pid, stat.StartTime, PidfdIdentity.Read(started.Pidfd)), keepsLimits) : null;
    }
}
