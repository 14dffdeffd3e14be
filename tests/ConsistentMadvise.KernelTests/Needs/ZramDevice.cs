using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>A compressed memory device of the kernel (Documentation/admin-guide/blockdev/zram.rst).</summary>
internal sealed record ZramDevice(string Name)
{
    private const string Size = "512M";

    private static readonly string[] ToolFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>A device that has no size yet.</summary>
    public static ZramDevice? FindUnused() => Directory.GetDirectories("/sys/block", "zram*")
        .Where(static device => File.ReadAllText($"{device}/disksize").Trim() == "0")
        .Select(static device => new ZramDevice(Path.GetFileName(device)))
        .FirstOrDefault();

    /// <summary>The name of a program that is needed and not installed.</summary>
    public static string? MissingTool() => ((string[])["mkswap", "swapon", "swapoff"]).FirstOrDefault(static tool => FindTool(tool) is null);

    public void MakeSwap()
    {
        Set("disksize", Size);
        Run("mkswap", $"/dev/{Name}");
        Run("swapon", $"/dev/{Name}");
    }

    public void GiveBack()
    {
        if (File.ReadAllText("/proc/swaps").Contains($"/dev/{Name} ", StringComparison.Ordinal))
        {
            Run("swapoff", $"/dev/{Name}");
        }

        Eventually.Holds(TryReset, "no process has the device open");
    }

    private static string? FindTool(string tool) => ToolFolders.Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    private static void Run(string tool, string argument)
    {
        using Process process = Process.Start(new ProcessStartInfo(FindTool(tool)!, [argument]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{tool} {argument}: {complaint}");
        }
    }

    private bool TryReset()
    {
        try
        {
            Set("reset", "1");
            return true;
        }
        catch (IOException)
        {
            return false; // EBUSY: udev, for one, opens a device when it has changed
        }
    }

    private void Set(string attribute, string value) => File.WriteAllText($"/sys/block/{Name}/{attribute}", value);
}
