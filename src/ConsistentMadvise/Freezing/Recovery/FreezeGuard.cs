using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The process that thaws what a journal says is held, once its owner is gone.</summary>
/// <remarks>
/// A shell in a session of its own, so that a signal to the owner's process group or terminal does not reach it. Its input is a pipe whose other end
/// only the owner holds, marked close-on-exec (.NET does so for each): the kernel closes it when the owner dies, however it dies.
/// </remarks>
internal sealed class FreezeGuard : IDisposable
{
    private const string Shell = "/bin/sh";

    /// <summary>It bounds a hang, not a duration: a shell is ready within milliseconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly string[] SetsidPaths = ["/usr/bin/setsid", "/bin/setsid", "/usr/sbin/setsid", "/sbin/setsid"];

    private readonly Process _process;
    private readonly SafeDescriptor _pidfd;

    private FreezeGuard(Process process, SafeDescriptor pidfd, GuardIdentity identity)
    {
        _process = process;
        _pidfd = pidfd;
        Identity = identity;
    }

    public GuardIdentity Identity { get; }

    /// <summary>Whether it is there. Allocates nothing.</summary>
    public bool IsAlive => Kernel.IsReadable(_pidfd.Value, out bool ended).Ok && !ended;

    /// <summary>What this machine lacks for a guard; null when it has all.</summary>
    public static string? WhyNot() =>
        !File.Exists(Shell) ? $"there is no {Shell}" : FindSetsid() is null ? "there is no setsid(1)" : null;

    /// <summary>Starts one, and returns when it is ready; null when none can be had, and why.</summary>
    public static FreezeGuard? Start(string journal, out string why)
    {
        why = WhyNot() ?? string.Empty;
        if (why.Length != 0)
        {
            return null;
        }

        // All three are redirected: .NET leaves the terminal's settings to a child that has one of them.
        ProcessStartInfo info = new(FindSetsid()!, [Shell, "-c", GuardScript.Text, "consistent-madvise-guard", journal])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        info.Environment.Clear();
        info.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        info.Environment["LC_ALL"] = "C";
        try
        {
            Process process = Process.Start(info)!;
            FreezeGuard? guard = AwaitReady(process, out why);
            if (guard is null)
            {
                process.StandardInput.Close();
                process.Dispose();
            }

            return guard;
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            why = failure.Message;
            return null;
        }
    }

    /// <summary>Lets it see the end of its input: it thaws what is held, removes the journal and ends.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.Dispose();
        _pidfd.Dispose();
    }

    private static FreezeGuard? AwaitReady(Process process, out string why)
    {
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Patience) || line.Result != string.Create(CultureInfo.InvariantCulture, $"ready {process.Id}"))
        {
            why = $"{Shell} did not begin to guard";
            return null;
        }

        process.StandardOutput.Close();
        process.StandardError.Close();
        Errno errno = Kernel.PidfdOpen(process.Id, out int descriptor);
        SafeDescriptor pidfd = new(descriptor);
        if (errno.Ok && ProcDirectory.Open(process.Id, out ProcDirectory? directory).Ok && directory is not null)
        {
            using (directory)
            {
                if (directory.ReadStat(out ProcStat stat).Ok && stat.ParentPid == Environment.ProcessId)
                {
                    why = GuardRights.WhatIsMissing(directory) ?? string.Empty;
                    return why.Length == 0 ? new FreezeGuard(process, pidfd, new GuardIdentity(process.Id, stat.StartTime)) : null;
                }
            }
        }

        pidfd.Dispose();
        why = "the guard has ended";
        return null;
    }

    private static string? FindSetsid() => SetsidPaths.FirstOrDefault(File.Exists);
}
