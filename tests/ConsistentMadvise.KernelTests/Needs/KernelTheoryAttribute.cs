using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>A theory that needs something of its machine. Missing it skips the test and names what is missing; with CM_REQUIRE_KERNEL=1 it fails the test.</summary>
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
