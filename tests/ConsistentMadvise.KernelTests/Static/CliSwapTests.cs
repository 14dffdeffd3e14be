using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>demo</c> where anonymous memory has somewhere to go.</summary>
[Collection(SwapTests.Name)]
public sealed class CliSwapTests
{
    [KernelFact(Needs.NiceCapability | Needs.Swap)]
    public void Demo_WithSwap_PagesOutAnonymousMemoryToo()
    {
        using CommandRun withSwap = CommandRun.Of("demo", "--json");

        JsonElement demo = withSwap.AssertJson(0);
        Assert.True(demo.GetProperty("held").GetBoolean());
        Assert.Equal(2, demo.GetProperty("applied").GetProperty("ranges").GetArrayLength());
        Assert.True(demo.GetProperty("residentAfter").GetUInt64() < demo.GetProperty("residentBefore").GetUInt64() / 4);
    }
}
