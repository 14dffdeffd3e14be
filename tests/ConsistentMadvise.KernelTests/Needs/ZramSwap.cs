using System.Text;

namespace ConsistentMadvise.KernelTests;

/// <summary>Swap for the tests of one collection: what the machine has, or else a zram device that is given back afterwards.</summary>
/// <remarks>
/// Test runs of the same machine share it. Each holds a lock file shared while it uses swap; the device is set up and given back under
/// the exclusive lock, so the last user gives it back. The file's content is the device's name, so that this is so after a crash too.
/// </remarks>
public sealed class ZramSwap : IDisposable
{
    private static readonly string LockFile = Path.Combine(Path.GetTempPath(), "consistent-madvise-zram.lock");

    private readonly FileStream? _use;

    /// <exception cref="InvalidOperationException">There is an unused device, but it cannot be made into swap; the message says why.</exception>
    public ZramSwap()
    {
        // Otherwise the tests of the collection are skipped or fail with the reason; it is no business of this fixture.
        if (WhyNot() is null)
        {
            FileStream? use = null;
            Eventually.Holds(() => (use = TryJoin()) is not null, "the swap of the tests is set up");
            _use = use;
        }
    }

    /// <summary>Null when there is swap or can be, otherwise what is missing.</summary>
    /// <remarks>A device that another run sets up or gives back is neither swap nor unused: the lock is awaited first.</remarks>
    public static string? WhyNot()
    {
        if (SwapIsActive())
        {
            return null;
        }

        if (!Environment.IsPrivilegedProcess)
        {
            return "there is no swap, and only the superuser can make some";
        }

        FileStream? settled = null;
        Eventually.Holds(() => (settled = TryLock(FileShare.ReadWrite)) is not null, "no other run sets up its swap, or gives it back");
        using (settled)
        {
            return SwapIsActive() ? null : WhatIsMissing();
        }
    }

    public void Dispose()
    {
        _use?.Dispose();
        using FileStream? alone = _use is null ? null : TryLock(FileShare.None);
        if (alone is null)
        {
            return;   // others still use it
        }

        byte[] content = new byte[alone.Length];
        alone.ReadExactly(content);
        if (content.Length > 0)
        {
            new ZramDevice(Encoding.ASCII.GetString(content)).GiveBack();
            alone.SetLength(0);
        }
    }

    private static FileStream? TryJoin()
    {
        FileStream? shared = TryLock(FileShare.ReadWrite);
        if (shared is null || SwapIsActive())
        {
            return shared;
        }

        shared.Dispose();
        using FileStream? alone = TryLock(FileShare.None);
        if (alone is not null && !SwapIsActive())
        {
            ZramDevice device = ZramDevice.FindUnused() ?? throw new InvalidOperationException(WhatIsMissing());
            alone.SetLength(0);
            alone.Write(Encoding.ASCII.GetBytes(device.Name));
            alone.Flush(flushToDisk: false);
            device.MakeSwap();
        }

        return null;   // and joins it, at the next try
    }

    private static string? WhatIsMissing() =>
        ZramDevice.FindUnused() is null ? "there is no swap and no unused zram device"
        : ZramDevice.MissingTool() is string tool ? $"there is no swap and no {tool} to make some"
        : null;

    // .NET takes flock(2) by it: LOCK_EX for FileShare.None, LOCK_SH for others, and never waits.
    private static FileStream? TryLock(FileShare share)
    {
        try
        {
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(LockFile))
        {
            return null;
        }
    }

    private static bool SwapIsActive() => File.ReadLines("/proc/swaps").Skip(1).Any();
}
