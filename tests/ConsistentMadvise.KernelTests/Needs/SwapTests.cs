namespace ConsistentMadvise.KernelTests;

/// <summary>The tests that need swap: <c>[Collection(SwapTests.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class SwapTests : ICollectionFixture<ZramSwap>
{
    public const string Name = "swap";
}
