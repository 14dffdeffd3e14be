using System.Globalization;
using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.Interop;

/// <summary>Starts a program by <c>posix_spawn(3)</c>, which leaves the caller unchanged: System.Diagnostics.Process installs permanent signal handlers.</summary>
internal static unsafe partial class ChildProcess
{
    // spawn.h
    private const short POSIX_SPAWN_SETSIGDEF = 0x04;
    private const short POSIX_SPAWN_SETSIGMASK = 0x08;
    private const short POSIX_SPAWN_SETSID = 0x80;

    /// <summary>More than any C library needs for <c>posix_spawnattr_t</c>, <c>posix_spawn_file_actions_t</c> or <c>sigset_t</c>.</summary>
    private const int OpaqueBytes = 1024;

    /// <summary>
    /// Starts a program in its own session, with default signal dispositions. It inherits only the two given descriptors.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <param name="environment">Its whole environment, as <c>NAME=VALUE</c>.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="output">Its standard output and error.</param>
    /// <param name="pid">Its pid.</param>
    public static Errno Start(string path, IEnumerable<string> arguments, IEnumerable<string> environment, SafeDescriptor input, SafeDescriptor output, out int pid)
    {
        using SafeDescriptor.Use stdin = input.Borrow();
        using SafeDescriptor.Use stdout = output.Borrow();
        using CStrings argv = new([path, .. arguments]);
        using CStrings envp = new(environment);
        ulong* attributes = stackalloc ulong[OpaqueBytes / sizeof(ulong)];
        ulong* actions = stackalloc ulong[OpaqueBytes / sizeof(ulong)];
        byte* signals = stackalloc byte[OpaqueBytes];
        _ = posix_spawnattr_init(attributes);
        _ = posix_spawn_file_actions_init(actions);
        try
        {
            int error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
            new Span<byte>(signals, OpaqueBytes).Clear();
            error = error == 0 ? posix_spawnattr_setsigmask(attributes, signals) : error;
            _ = sigfillset(signals);
            error = error == 0 ? posix_spawnattr_setsigdefault(attributes, signals) : error;
            error = error == 0 ? posix_spawn_file_actions_adddup2(actions, stdin.Number, 0) : error;
            error = error == 0 ? posix_spawn_file_actions_adddup2(actions, stdout.Number, 1) : error;
            error = error == 0 ? posix_spawn_file_actions_adddup2(actions, stdout.Number, 2) : error;
            foreach (int descriptor in Others())
            {
                // EBADF for a descriptor above RLIMIT_NOFILE, opened before that was lowered: left to CloseInherited.
                int refused = error == 0 ? posix_spawn_file_actions_addclose(actions, descriptor) : error;
                error = refused == Errno.EBADF.Value ? 0 : refused;
            }

            int started = 0;
            error = error == 0 ? posix_spawn(&started, argv[0], actions, attributes, argv.Vector, envp.Vector) : error;
            pid = started;
            return new Errno(error);
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary><c>fcntl(F_GETFD)</c>, <c>close(2)</c> - closes inherited descriptors after the standard streams: those without close-on-exec.</summary>
    /// <remarks>Must be called before anything inheritable is opened.</remarks>
    public static void CloseInherited()
    {
        foreach (int descriptor in Others())
        {
            int flags = LibC.fcntl(descriptor, Uapi.F_GETFD, 0);
            if (flags >= 0 && (flags & Uapi.FD_CLOEXEC) == 0)
            {
                _ = LibC.close(descriptor);
            }
        }
    }

    /// <summary>The caller's open descriptors after the standard streams. A host in C may have left some inheritable.</summary>
    private static IEnumerable<int> Others()
    {
        try
        {
            return [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).Where(static number => number > 2)];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return []; // no procfs: .NET and this library open everything close-on-exec
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawn(int* pid, byte* path, void* file_actions, void* attrp, byte** argv, byte** envp);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(void* attr);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(void* attr, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigmask(void* attr, void* sigmask);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setsigdefault(void* attr, void* sigdefault);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_adddup2(void* actions, int fildes, int newfildes);

    [LibraryImport("libc")]
    private static partial int posix_spawn_file_actions_addclose(void* actions, int fildes);

    [LibraryImport("libc")]
    private static partial int sigfillset(void* set);

    /// <summary>C strings in a null-terminated vector.</summary>
    private sealed class CStrings : IDisposable
    {
        private readonly nint[] _strings;
        private readonly nint _vector;

        public CStrings(IEnumerable<string> strings)
        {
            _strings = [.. strings.Select(static text => Marshal.StringToCoTaskMemUTF8(text)), 0];
            _vector = Marshal.AllocCoTaskMem(_strings.Length * sizeof(nint));
            _strings.CopyTo(new Span<nint>((void*)_vector, _strings.Length));
        }

        public byte** Vector => (byte**)_vector;

        public byte* this[int index] => (byte*)_strings[index];

        public void Dispose()
        {
            foreach (nint text in _strings)
            {
                Marshal.FreeCoTaskMem(text);
            }

            Marshal.FreeCoTaskMem(_vector);
        }
    }
}
