using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace ConsistentMadvise.KernelTests;

public sealed class NeedsTests
{
    private const Needs Unmet = (Needs)(1 << 30);

    [Theory]
    [InlineData(nameof(Sample.Fact))]
    [InlineData(nameof(Sample.Theory))]
    public void Discover_MissingNeedThatIsRequired_FailsWithItsName(string method)
    {
        IXunitTestCase only = Assert.Single(Discover(method, required: true));

        ExecutionErrorTestCase failing = Assert.IsType<ExecutionErrorTestCase>(only);
        Assert.Equal($"needs {Unmet}: nothing is known of it", failing.ErrorMessage);
    }

    [Theory]
    [InlineData(nameof(Sample.Fact))]
    [InlineData(nameof(Sample.Theory))]
    public void Discover_MissingNeedThatIsNotRequired_IsAnOrdinaryTest(string method)
    {
        IXunitTestCase only = Assert.Single(Discover(method, required: false));

        Assert.IsNotType<ExecutionErrorTestCase>(only);
    }

    [Theory]
    [InlineData(nameof(Sample.NeedlessFact))]
    [InlineData(nameof(Sample.NeedlessTheory))]
    public void Discover_NoNeeds_IsAnOrdinaryTest(string method)
    {
        IXunitTestCase only = Assert.Single(Discover(method, required: true));

        Assert.IsNotType<ExecutionErrorTestCase>(only);
    }

    [Fact]
    public void Missing_SeveralNeeds_NamesTheFirstThatIsUnmet()
    {
        Assert.Null(KernelNeeds.Missing(Needs.None));
        Assert.StartsWith($"needs {Unmet}:", KernelNeeds.Missing(Needs.None | Unmet), StringComparison.Ordinal);
    }

    private static IReadOnlyList<IXunitTestCase> Discover(string name, bool required)
    {
        MethodInfo method = typeof(Sample).GetMethod(name)!;
        NullMessageSink sink = new();
        TestAssembly assembly = new(Reflector.Wrap(typeof(Sample).Assembly));
        TestClass testClass = new(new TestCollection(assembly, null, "needs"), Reflector.Wrap(typeof(Sample)));
        TestMethod testMethod = new(testClass, Reflector.Wrap(method));
        IAttributeInfo attribute = testMethod.Method.GetCustomAttributes(typeof(FactAttribute)).Single();
        IXunitTestCaseDiscoverer discoverer = method.GetCustomAttribute<FactAttribute>() is KernelTheoryAttribute
            ? new KernelTheoryDiscoverer(sink, required)
            : new KernelFactDiscoverer(sink, required);
        return [.. discoverer.Discover(new DefaultOptions(), testMethod, attribute)];
    }

    private sealed class DefaultOptions : ITestFrameworkDiscoveryOptions
    {
        public TValue GetValue<TValue>(string name) => default!;

        public void SetValue<TValue>(string name, TValue value) => Assert.Fail($"discovery sets {name}");
    }

    // Not public: the runner must not find it.
#pragma warning disable xUnit1000
    private sealed class Sample
    {
        [KernelFact(Unmet)]
        public static void Fact() => Assert.Fail("it is never run");

        [KernelTheory(Unmet)]
        [InlineData(1)]
        public static void Theory(int value) => Assert.Fail($"it is never run, {value}");

        [KernelFact]
        public static void NeedlessFact() => Assert.Fail("it is never run");

        [KernelTheory]
        [InlineData(1)]
        public static void NeedlessTheory(int value) => Assert.Fail($"it is never run, {value}");
    }
#pragma warning restore xUnit1000
}
