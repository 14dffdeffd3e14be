using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>A test that needs something of its machine. Missing it skips the test by name, or with CM_REQUIRE_KERNEL=1 fails it.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ConsistentMadvise.KernelTests.KernelFactDiscoverer", "ConsistentMadvise.KernelTests")]
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute(Needs needs = Needs.None)
    {
        Needs = needs;
        Skip = KernelNeeds.Required ? null : KernelNeeds.Missing(needs);
    }

    public Needs Needs { get; }
}
