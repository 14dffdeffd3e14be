using System.Globalization;
using System.Text;
using ConsistentMadvise.Interop;
using Microsoft.Win32.SafeHandles;

namespace ConsistentMadvise.KernelTests;

/// <summary>The kernel's tracing file system: where it is, whether it can be used, and how its files are written.</summary>
internal static class Tracefs
{
    // PROC_PID_INIT_INO of linux/proc_ns.h: traces speak of threads by their numbers in this namespace.
    private const string InitialPidNamespace = "pid:[4026531836]";

    /// <summary>Where it is mounted, null if it is not.</summary>
    public static string? MountPoint { get; } = File.ReadLines("/proc/self/mounts")
        .Select(static line => line.Split(' '))
        .FirstOrDefault(static words => words[2] == "tracefs")?[1];

    /// <summary>Null when an instance can be made that watches system calls, otherwise why not.</summary>
    public static string? WhyNot()
    {
        if (MountPoint is null)
        {
            return "no tracefs is mounted";
        }

        if (new FileInfo("/proc/self/ns/pid").LinkTarget is var space && space != InitialPidNamespace)
        {
            return $"the pid namespace is {space}, not the initial one";
        }

        try
        {
            using TraceInstance instance = new(kilobytesPerProcessor: 16);
            instance.Watch("madvise", filter: null);
            instance.WatchNewTasks();
            return null;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return refused.Message;
        }
    }

    /// <summary>Writes a line to a file that is there already, without truncating it: a list of pids is added to.</summary>
    /// <exception cref="IOException">The file is not there or the kernel refuses what is written.</exception>
    public static void Write(string path, string text)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(text + "\n"), 0);
    }

    /// <summary>The descriptors of a process that are pidfds of another.</summary>
    public static int[] Pidfds(int holder, int target) => [.. Descriptors(holder).Where(descriptor => IsPidfd(holder, descriptor, target))];

    private static bool IsPidfd(int holder, int descriptor, int target)
    {
        Errno errno = Kernel.Open(Encoding.ASCII.GetBytes($"/proc/{holder}/fdinfo/{descriptor}\0"), Uapi.O_RDONLY, out SafeDescriptor file);
        if (!errno.Ok)
        {
            return false;   // closed since it was listed
        }

        using SafeDescriptor information = file;
        Span<byte> buffer = stackalloc byte[4096];
        return Kernel.Read(file, buffer, out int count).Ok
            && Encoding.UTF8.GetString(buffer[..count]).Split('\n').Contains(string.Create(CultureInfo.InvariantCulture, $"Pid:\t{target}"));
    }

    private static IEnumerable<int> Descriptors(int pid) =>
        Directory.EnumerateFiles($"/proc/{pid}/fdinfo").Select(static path => int.Parse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture));
}
