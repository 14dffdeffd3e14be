using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>A test that needs something of its machine. Missing it skips the test and names what is missing; with CM_REQUIRE_KERNEL=1 it fails the test.</summary>
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
