using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary><c>demo</c> where anonymous memory has somewhere to go.</summary>
[Collection(SwapTests.Name)]
public sealed class CliSwapTests
{
    [KernelFact(Needs.NiceCapability | Needs.Swap)]
    public void Demo_WithSwap_PagesOutAnonymousMemoryToo()
    {
        static bool HasFoundRoom(JsonElement demo) => demo.GetProperty("applied").GetProperty("ranges").GetArrayLength() == 2;

        JsonElement demo = DemoRun.UntilAllLeaves(HasFoundRoom);

        Assert.Equal("applied", demo.GetProperty("applied").GetProperty("status").GetString());
    }
}
