namespace ConsistentMadvise.Tests;

public sealed class VmaReadingTests
{
    [Theory]
    [InlineData(100u, 99u, 200u, false)] // locked before
    [InlineData(100u, 100u, 200u, false)] // the even number itself is no lock
    [InlineData(100u, 101u, 200u, true)]
    [InlineData(100u, 199u, 200u, true)]
    [InlineData(100u, 101u, 100u, false)] // nothing has moved
    [InlineData(100u, uint.MaxValue, 200u, false)] // never locked
    [InlineData(4_294_967_290u, 4_294_967_291u, 4u, true)] // across the wrap
    [InlineData(4_294_967_290u, 3u, 4u, true)]
    [InlineData(4_294_967_290u, 5u, 4u, false)]
    [InlineData(4_294_967_290u, 4_294_967_289u, 4u, false)]
    [InlineData(3_000_000_000u, 10u, 3_000_000_100u, false)] // more than half the counter's range before
    public void WasLockedAfter_TheNumbersOfAVma_IsTheDistance(uint since, uint lockedAt, uint now, bool expected) =>
        Assert.Equal(expected, new VmaReading { LockedAt = lockedAt, Sequence = now }.WasLockedAfter(since));
}
