using System.Runtime.CompilerServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Determines whether freezing a group holds a target and its sharers, and which other processes it would hold.</summary>
/// <param name="target">The target.</param>
/// <param name="processes">The group's <c>cgroup.procs</c>.</param>
/// <param name="sharers">The sharers to hold with the target.</param>
/// <param name="place">The text of the target's <c>/proc/PID/cgroup</c>, for a group that the caller named; null for the target's own.</param>
[RunsFrozen]
internal sealed class CgroupMembership(ProcessTarget target, SafeDescriptor processes, int[] sharers, byte[]? place)
{
    /// <summary>Belongs to the thread that warms up and runs the windows.</summary>
    [ThreadStatic]
    private static byte[]? s_text;

    private static byte[] Text => s_text ??= GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>Whether the target and its sharers are in the group and, unless it was named, no other process; <see cref="TransactionStop.None"/> if so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public TransactionStop Check()
    {
        byte[] text = Text;
        Errno errno = Kernel.ReadAt(processes, text, 0, out int count);
        CgroupMembers members = new(text.AsSpan(0, errno.Ok ? count : 0));
        bool isMember = place is null && members.Contains(target.Pid) && !members.HasOthers(target.Pid, sharers);
        errno = errno.Ok && place is not null ? IsInPlace(place, out isMember) : errno;
        if (!errno.Ok || !isMember)
        {
            return !errno.Ok ? TransactionStop.UnreadableGroup(target, errno)
                : target.HasExited ? TransactionStop.TargetExited
                : TransactionStop.Refused(HintReason.CgroupNotUsable);
        }

        foreach (int sharer in sharers)
        {
            if (members.Contains(sharer))
            {
                continue;
            }

            errno = target.Sharers.IsSharer(sharer, out bool isSharer);
            if (!errno.Ok || isSharer)
            {
                return errno.Ok ? TransactionStop.Refused(HintReason.AddressSpaceShared, sharer) : TransactionStop.CouldNotLook(errno);
            }
        }

        return TransactionStop.None;
    }

    /// <summary>Checks the other members of a named group, which would be frozen with the target: one may be dumping core, or the caller may wait for one.</summary>
    public TransactionStop Survey()
    {
        byte[] text = place is null ? [] : GC.AllocateUninitializedArray<byte>(64 * 1024);
        Errno errno = Kernel.ReadAt(processes, text, 0, out int count);
        if (!errno.Ok)
        {
            return TransactionStop.UnreadableGroup(target, errno);
        }

        foreach (int pid in new CgroupMembers(text.AsSpan(0, count)))
        {
            TransactionStop result = pid == target.Pid || pid == 0 ? TransactionStop.None : Survey(pid);
            if (!result.IsNone)
            {
                return result;
            }
        }

        return TransactionStop.None;
    }

    /// <remarks>A member that cannot be opened has exited, or is one that the caller could not wait for: a kernel thread, or another user's process.</remarks>
    private static TransactionStop Survey(int pid)
    {
        if (!ProcessTarget.TryOpen(pid, out ProcessTarget? member, out TargetError error, out Errno errno))
        {
            return error == TargetError.CouldNotLook ? TransactionStop.CouldNotLook(errno) : TransactionStop.None;
        }

        using (member)
        {
            using TracerFile status = new(member);
            TransactionStop result = CallerTracers.Check(member);
            return result.IsNone && !status.MayBeHeld(out TransactionStop refusal) && refusal.Reason == HintReason.DumpingCore ? refusal : result;
        }
    }

    /// <summary>Determines from <c>/proc/PID/cgroup</c> whether the target is still in the same group: the group's list of processes may be too long to read here.</summary>
    private Errno IsInPlace(byte[] where, out bool isInPlace)
    {
        Span<byte> text = stackalloc byte[4096];
        Errno errno = target.Directory.ReadFile("cgroup\0"u8, text, out int count);
        isInPlace = errno.Ok && text[..count].SequenceEqual(where);
        return errno;
    }
}
