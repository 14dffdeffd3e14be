using Xunit.Abstractions;
using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>Makes a test whose needs are missing, but required, into one that fails and names them.</summary>
public sealed class KernelFactDiscoverer(IMessageSink diagnostics, bool required) : FactDiscoverer(diagnostics)
{
    /// <summary>The constructor that xunit calls.</summary>
    public KernelFactDiscoverer(IMessageSink diagnostics)
        : this(diagnostics, KernelNeeds.Required)
    {
    }

    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        MissingNeed.Refuse(required, DiagnosticMessageSink, discoveryOptions, testMethod, factAttribute) ?? base.Discover(discoveryOptions, testMethod, factAttribute);
}
