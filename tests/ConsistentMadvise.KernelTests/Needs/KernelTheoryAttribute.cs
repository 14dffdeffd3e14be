using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>A theory that needs something of its machine. Missing it skips the test by name, or with CM_REQUIRE_KERNEL=1 fails it.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("ConsistentMadvise.KernelTests.KernelTheoryDiscoverer", "ConsistentMadvise.KernelTests")]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute(Needs needs = Needs.None)
    {
        Needs = needs;
        Skip = KernelNeeds.Required ? null : KernelNeeds.Missing(needs);
    }

    public Needs Needs { get; }
}
