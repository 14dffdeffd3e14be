namespace ConsistentMadvise.Tests;

/// <summary>.NET's JSON reader refuses a text that is not UTF-16 with an ArgumentException, not with a JsonException.</summary>
public sealed class HalfASurrogatePairThrewFromTryFromJson
{
    /// <remarks>Not a theory: the compiler writes the arguments of attributes as UTF-8, which has no halves.</remarks>
    [Fact]
    public void TryFromJson_TextThatIsNotUtf16_IsRefused()
    {
        foreach (string json in new[] { "{\"version\":1,\"advice\":\"\ud800\"}", "\udc00" })
        {
            Assert.Contains(json, char.IsSurrogate);
            Assert.False(HintPlan.TryFromJson(json, out HintPlan? plan, out string? reason));
            Assert.Null(plan);
            Assert.NotEmpty(reason);
        }
    }
}
