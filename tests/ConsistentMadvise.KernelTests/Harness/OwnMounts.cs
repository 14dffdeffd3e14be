using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Interop;
using Tmds.Linux;

namespace ConsistentMadvise.KernelTests;

/// <summary>A mount namespace of one thread: other threads of the process go on seeing what they saw (unshare(2), mount_namespaces(7)).</summary>
internal static unsafe class OwnMounts
{
    private const int CLONE_NEWNS = 0x20000;
    private const ulong MS_BIND = 4096;
    private const ulong MS_REC = 16384;
    private const ulong MS_PRIVATE = 1 << 18;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>Runs an action on a thread with mounts of its own, which end with it.</summary>
    public static void RunOnThread(Action action) => OwnThread.Run(() =>
    {
        Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(IsArm ? 97 : 272, CLONE_NEWNS)));
        Mount("none", "/", null, MS_REC | MS_PRIVATE);
        action();
    });

    /// <summary>Mounts a file system, for the calling thread alone.</summary>
    public static void Mount(string source, string place, string type, string? options = null) => Mount(source, place, type, 0, options);

    /// <summary>Has a file or directory seen in the place of another, by the calling thread alone.</summary>
    public static void Bind(string source, string place) => Mount(source, place, null, MS_BIND);

    private static void Mount(string source, string place, string? type, ulong flags, string? options = null)
    {
        fixed (byte* sourceName = Zeroed(source))
        fixed (byte* placeName = Zeroed(place))
        fixed (byte* typeName = type is null ? null : Zeroed(type))
        fixed (byte* data = options is null ? null : Zeroed(options))
        {
            Assert.Equal(Errno.None, Errno.From((int)(long)LibC.syscall(IsArm ? 40 : 165, sourceName, placeName, typeName, (void*)flags, data)));
        }
    }

    private static byte[] Zeroed(string text) => Encoding.UTF8.GetBytes(text + "\0");
}
