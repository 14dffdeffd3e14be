namespace ConsistentMadvise.Tests;

/// <summary>A minute before the first minute of the calendar is no time that .NET can express.</summary>
public sealed class APlanOfTheFirstDayThrewFromIsExpiredAt
{
    private const string Json =
        """
        {"version":1,"advice":"cold","token":"cm1-1-0-0-0-00000000000000000000000000000000","createdAt":"0001-01-01T00:00:00Z",
        "expiresAt":"0001-01-01T00:15:00Z","bytes":0,"ranges":[],"vmas":[]}
        """;

    [Fact]
    public void IsExpiredAt_PlanOfTheFirstDay_DoesNotThrow()
    {
        HintPlan plan = HintPlan.FromJson(Json);
        Assert.False(plan.IsExpiredAt(DateTimeOffset.MinValue));
        Assert.True(plan.IsExpiredAt(plan.ExpiresAt));
        Assert.True(plan.IsExpiredAt(DateTimeOffset.MaxValue));
    }
}
