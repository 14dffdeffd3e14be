using System.Diagnostics;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>Whose turn it is on the page that an engine shares with its guard.</summary>
public sealed class WatchPageTests : IDisposable
{
    private const long Due = 100;

    private readonly string _place = Directory.CreateTempSubdirectory("consistent-madvise-").FullName;
    private readonly WatchPage _page;

    public WatchPageTests()
    {
        string path = $"{_place}/watch";
        File.WriteAllBytes(path, new byte[WatchPage.Bytes]);
        Assert.Equal(Errno.None, Kernel.Open(Encoding.UTF8.GetBytes($"{path}\0"), Uapi.O_RDWR, out SafeDescriptor opened));
        using SafeDescriptor file = opened;
        Assert.Equal(Errno.None, WatchPage.Map(file, out WatchPage? page));
        _page = page!;
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    [Fact]
    public void TryFire_HeldFreezePastItsDeadline_FiresOnceAndTheEngineSeesIt()
    {
        WatchSlot slot = Held();

        Assert.True(Fire(slot, isFrozen: false));
        Assert.Equal((true, 0L), (slot.HasFired, slot.ThawedAt));
        slot.EndFire();
        Assert.InRange(slot.ThawedAt, 1, Stopwatch.GetTimestamp());
        Assert.False(Fire(slot, isFrozen: true));
        slot.Disarm();
        Assert.Equal((true, false), (slot.IsIdle, slot.HasFired));
    }

    [Fact]
    public void TryFire_FreezeNotInEffectYet_FiresAgainOnceItIs()
    {
        WatchSlot slot = _page.Take(1)!.Value;
        Assert.True(slot.TryArm(Due));

        Assert.True(Fire(slot, isFrozen: false));
        slot.EndFire();
        Assert.False(slot.TryHold());
        Assert.False(Fire(slot, isFrozen: false));
        Assert.True(Fire(slot, isFrozen: true));
        slot.EndFire();
        Assert.True(Fire(slot, isFrozen: true)); // until the engine is done with it
    }

    [Fact]
    public void TryFire_TheWindowThatWasSeenIsOver_LeavesTheNextOne()
    {
        WatchSlot slot = Held();
        long seen = slot.Look(retryAt: 0, out long at);
        Assert.Equal(Due, at);
        slot.Disarm();
        Assert.True(slot.TryArm(2 * Due) && slot.TryHold());

        Assert.False(slot.TryFire(seen, static _ => true)); // the guard was interrupted between its look and this
        Assert.False(slot.HasFired);
    }

    [Fact]
    public void TryArm_GuardNeverFinishedItsThaw_IsRefused()
    {
        WatchSlot slot = Held();
        Assert.True(Fire(slot, isFrozen: true));

        slot.Disarm(); // waits for it, as long as its patience lasts

        Assert.Equal((false, true), (slot.TryArm(2 * Due), slot.IsFiring));
        slot.EndFire();
        slot.Disarm();
        Assert.True(slot.TryArm(2 * Due));
    }

    [Fact]
    public void PublishSleep_EarliestDeadlineIsGone_IsNotPostponed()
    {
        bool isWoken = false;
        Queue<Func<long>> looks = new(
        [
            static () => Due,
            () =>
            {
                // Nothing is due any more; but right after that look an engine arms, and judges by what is published whether to wake the guard.
                isWoken = 2 * Due < _page.WakesAt;
                return long.MaxValue;
            },
        ]);

        long until = _page.PublishSleep(() => looks.Dequeue()());

        Assert.True(isWoken || until <= 2 * Due);
        Assert.Equal(_page.WakesAt, until);
    }

    [Fact]
    public void PublishSleep_EarlierDeadline_IsPublished()
    {
        Queue<long> looks = new([long.MaxValue, Due]);

        Assert.Equal((Due, Due), (_page.PublishSleep(looks.Dequeue), _page.WakesAt));
    }

    [Fact]
    public void Take_MoreSlotsThanExist_ReturnsNull()
    {
        List<WatchSlot> taken = [];
        while (_page.Take(taken.Count) is { } slot)
        {
            taken.Add(slot);
        }

        Assert.InRange(taken.Count, 100, WatchPage.Bytes / sizeof(long));
        Assert.Equal(taken.Count, _page.Count);
        _page.Return(taken[7]);
        Assert.Equal(taken[7].Index, _page.Take(1)!.Value.Index);
    }

    private static bool Fire(WatchSlot slot, bool isFrozen) => slot.TryFire(slot.Look(retryAt: 0, out _), _ => isFrozen);

    private WatchSlot Held()
    {
        WatchSlot slot = _page.Take(1)!.Value;
        Assert.True(slot.TryArm(Due) && slot.TryHold());
        return slot;
    }
}
