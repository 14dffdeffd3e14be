using Xunit.Abstractions;
using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

/// <summary>The test case that stands in for one whose needs are missing.</summary>
internal static class MissingNeed
{
    /// <summary>A case that fails when it is run, or null when nothing is missing or skipping is allowed.</summary>
    public static IXunitTestCase[]? Refuse(bool required, IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute)
    {
        string? missing = required ? KernelNeeds.Missing(attribute.GetNamedArgument<Needs>(nameof(Needs))) : null;
        return missing is null
            ? null
            : [new ExecutionErrorTestCase(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, missing)];
    }
}
