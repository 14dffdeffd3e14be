using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>Finds a directory on a disk: file pages of a file system in memory leave to swap only.</summary>
internal static class DemoDirectory
{
    public static string Find()
    {
        string[] candidates = [Path.GetTempPath(), "/var/tmp", Environment.CurrentDirectory, AppContext.BaseDirectory];
        return candidates.FirstOrDefault(IsOnDisk)
            ?? throw new PlatformNotSupportedException($"The demo needs a writable directory on a disk; {string.Join(", ", candidates)} are not. Set TMPDIR.");
    }

    /// <remarks>Not a random name of .NET's, which needs <c>/dev/urandom</c>. An existing file is never opened.</remarks>
    public static string FileName() => string.Create(CultureInfo.InvariantCulture, $"cmadvise-demo-{Environment.ProcessId}-{Random.Shared.Next():x8}");

    private static bool IsOnDisk(string directory)
    {
        if (!Directory.Exists(directory) || new DriveInfo(directory).DriveFormat is "tmpfs" or "ramfs" or "hugetlbfs" or "devtmpfs")
        {
            return false;
        }

        string path = Path.Combine(directory, FileName());
        try
        {
            using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false; // the next one may do
        }
    }
}
