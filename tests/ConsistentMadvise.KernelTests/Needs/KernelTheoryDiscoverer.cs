using Xunit.Abstractions;
using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>Makes a theory whose needs are missing, but required, into a test that fails and names them.</summary>
public sealed class KernelTheoryDiscoverer(IMessageSink diagnostics, bool required) : TheoryDiscoverer(diagnostics)
{
    /// <summary>The constructor that xunit calls.</summary>
    public KernelTheoryDiscoverer(IMessageSink diagnostics)
        : this(diagnostics, KernelNeeds.Required)
    {
    }

    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        MissingNeed.Refuse(required, DiagnosticMessageSink, discoveryOptions, testMethod, theoryAttribute) ?? base.Discover(discoveryOptions, testMethod, theoryAttribute);
}
