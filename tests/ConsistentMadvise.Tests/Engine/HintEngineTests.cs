namespace ConsistentMadvise.Tests;

public sealed class HintEngineTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(HintEngineOptions.ConcurrencyLimit + 1)]
    public void Create_ConcurrencyOutOfRange_Throws(int concurrency) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HintEngine(new HintEngineOptions { MaxConcurrency = concurrency }));

    [Fact]
    public async Task ApplyAsync_NoRequest_Throws()
    {
        await using HintEngine engine = new();

        await Assert.ThrowsAsync<ArgumentNullException>(() => engine.ApplyAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => engine.ApplyAsync(new HintRequest(null!, null!)));
    }

    [Fact]
    public void Dispose_Twice_DoesNothing()
    {
        HintEngine engine = new();

        engine.Dispose();
        engine.Dispose();
    }
}
