namespace ConsistentMadvise.Tests;

public sealed class CaptureOptionsTests
{
    [Fact]
    public void MaxReads_Default_AllowsAComparison() => Assert.Equal(4, CaptureOptions.Default.MaxReads);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(101)]
    public void MaxReads_OutsideItsRange_IsRefused(int reads) => Assert.Throws<ArgumentOutOfRangeException>(() => new CaptureOptions { MaxReads = reads });
}
