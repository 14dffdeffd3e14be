using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds the command <c>cmadvise</c>, whose mode <c>guard</c> runs the guard.</summary>
/// <remarks>
/// PATH is never used: the command runs with the caller's rights. It is the caller's own executable if that is the command; else the command next to the caller's files; else an installed one. The file must
/// be owned by root or the caller and writable by no one else, and so must its directory.
/// </remarks>
internal static class GuardBinary
{
    public const string Name = "cmadvise";
    public const string Mode = "guard";

    /// <summary>A path that takes precedence over all others, for tests, which are not installed.</summary>
    internal static string? Given { get; set; }

    private static readonly string[] Places = ["/usr/lib/consistent-madvise", "/usr/local/bin", "/usr/bin"];

    /// <summary>Returns its path; null if there is none, or none that can be trusted.</summary>
    public static string? Find() =>
        ((string?[])[Given, Environment.ProcessPath is { } own && Path.GetFileName(own) == Name ? own : null, Path.Combine(AppContext.BaseDirectory, Name), .. Places.Select(static place => $"{place}/{Name}")])
        .FirstOrDefault(static path => path is not null && IsTrusted(path));

    private static bool IsTrusted(string path) =>
        Path.GetDirectoryName(path) is { Length: > 0 } directory && IsAlone(path, out uint mode) && (mode & Uapi.S_IXUSR) != 0 && IsAlone(directory, out _);

    private static bool IsAlone(string path, out uint mode)
    {
        mode = 0;
        Errno errno = Kernel.Open(Encoding.UTF8.GetBytes($"{path}\0"), Uapi.O_PATH, out SafeDescriptor file);
        using (file)
        {
            uint user = 0;
            return errno.Ok && Kernel.FileOwner(file, out user, out mode).Ok && (user == 0 || user == Kernel.EffectiveUser()) && (mode & (Uapi.S_IWGRP | Uapi.S_IWOTH)) == 0;
        }
    }
}
