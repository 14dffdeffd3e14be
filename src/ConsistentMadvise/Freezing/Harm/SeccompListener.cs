using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The descriptor through which a supervisor answers the calls of processes under its seccomp filter (seccomp_unotify(2)).</summary>
internal static class SeccompListener
{
    private const int EntryBytes = 4096;

    private static ReadOnlySpan<byte> Link => "anon_inode:seccomp notify"u8;

    /// <summary>Whether a process may have to answer a call of the calling thread.</summary>
    /// <remarks>A listener does not show which filter it belongs to: any listener counts if the caller is under a filter at all.</remarks>
    public static Errno MayAnswerCaller(ProcessTarget target, out bool mayAnswer)
    {
        mayAnswer = false;
        Errno errno = ProcFile.ReadSeccompMode(Kernel.ThreadId(), out int mode);
        if (!errno.Ok || mode != Uapi.SECCOMP_MODE_FILTER)
        {
            return errno;
        }

        errno = target.Directory.OpenFile("fd\0"u8, out SafeDescriptor files);
        using (files)
        {
            return errno.Ok ? HasListener(files, out mayAnswer) : errno;
        }
    }

    private static Errno HasListener(SafeDescriptor files, out bool hasListener)
    {
        Span<byte> entries = stackalloc byte[EntryBytes];
        Span<byte> link = stackalloc byte[64];
        hasListener = false;
        int bytes = 0;
        Errno errno;
        while ((errno = Kernel.ReadDirectory(files, entries, out bytes)).Ok && bytes > 0)
        {
            DirectoryNames names = new(entries[..bytes]);
            while (names.TryTake(out ReadOnlySpan<byte> name))
            {
                // ENOENT: the descriptor was closed since. EINVAL: the directory itself.
                hasListener |= Kernel.ReadLink(files, name, link, out int count).Ok && link[..count].SequenceEqual(Link);
            }
        }

        return errno;
    }
}
