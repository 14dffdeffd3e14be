using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds the command <c>cmadvise</c>, whose mode <c>guard</c> is the guard.</summary>
/// <remarks>
/// Never by PATH: it runs with the caller's rights. The caller itself, if it is that; else beside the caller's own files; else where it is installed. Only a file that
/// root or the caller owns and no one else may write, in a directory of which the same is true.
/// </remarks>
internal static class GuardBinary
{
    public const string Name = "cmadvise";
    public const string Mode = "guard";

    /// <summary>The one to take before any other: tests are not installed.</summary>
    internal static string? Given { get; set; }

    private static readonly string[] Places = ["/usr/lib/consistent-madvise", "/usr/local/bin", "/usr/bin"];

    /// <summary>Its path; null when there is none, or none that can be trusted.</summary>
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
