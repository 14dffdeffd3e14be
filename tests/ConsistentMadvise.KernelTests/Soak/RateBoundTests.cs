namespace ConsistentMadvise.KernelTests;

public sealed class RateBoundTests
{
    [Theory]
    [InlineData(10)]
    [InlineData(1_000)]
    [InlineData(1_000_000)]
    public void Upper_NoneSeen_IsTheRuleOfThree(long attempts)
    {
        double bound = RateBound.Upper(0, attempts);

        Assert.Equal(1 - Math.Pow(0.05, 1.0 / attempts), bound, bound * 1e-6);
        Assert.InRange(bound * attempts, 2.5, 3);
    }

    [Theory]
    [InlineData(1, 100, 0.046560)]
    [InlineData(3, 10, 0.606624)]
    [InlineData(50, 1_000, 0.062863)]
    public void Upper_SomeSeen_IsTheBoundOfClopperAndPearson(long seen, long attempts, double expected) =>
        Assert.Equal(expected, RateBound.Upper(seen, attempts), 1e-5);

    [Fact]
    public void Upper_AllOrNothingTried_IsOne()
    {
        Assert.Equal(1, RateBound.Upper(7, 7));
        Assert.Equal(1, RateBound.Upper(0, 0));
    }
}
