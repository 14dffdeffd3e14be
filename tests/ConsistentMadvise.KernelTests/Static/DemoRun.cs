using System.Text.Json;

namespace ConsistentMadvise.KernelTests;

/// <summary>Runs <c>demo</c>, which must hold each time.</summary>
internal static class DemoRun
{
    /// <summary>Runs it until all that it hints leaves: other tests fill the swap meanwhile, or give it back, and then a part stays.</summary>
    /// <param name="isWanted">What else one must be like.</param>
    public static JsonElement UntilAllLeaves(Func<JsonElement, bool> isWanted)
    {
        JsonElement demo = default;
        Eventually.Holds(
            () =>
            {
                using CommandRun run = CommandRun.Of("demo", "--json");
                demo = run.AssertJson(0);
                Assert.True(demo.GetProperty("held").GetBoolean());
                return demo.GetProperty("residentAfter").GetUInt64() < demo.GetProperty("residentBefore").GetUInt64() / 4 && isWanted(demo);
            },
            "the swap has room for the demo as long as it runs");
        return demo;
    }
}
