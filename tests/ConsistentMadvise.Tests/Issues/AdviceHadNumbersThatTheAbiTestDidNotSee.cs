using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary><c>Advice</c> had the kernel's numbers as literals, and the ABI test checked constants that only tests used.</summary>
public sealed class AdviceHadNumbersThatTheAbiTestDidNotSee
{
    [Fact]
    public void Advice_EachKernelNumber_IsAConstantOfInterop()
    {
        SourceFile advice = Assert.Single(SourceFile.ReadProject("ConsistentMadvise"), static file => file.Path == "Planning/Advice.cs");

        Assert.Equal(4, Regex.Count(advice.Code, @"new\(Uapi\.MADV_[A-Z]+\)"));
        Assert.DoesNotMatch(@"\b[1-9][0-9]*\b", advice.Code);
    }
}
