using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ConsistentMadvise.Tests;

public sealed class ConsistentMadviseServicesTests
{
    [Fact]
    public async Task AddConsistentMadvise_Twice_RegistersOneEngine()
    {
        ServiceCollection services = new();
        services.AddConsistentMadvise(static options => options.MaxConcurrency = 3).AddConsistentMadvise();
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Same(provider.GetRequiredService<HintEngine>(), provider.GetRequiredService<HintEngine>());
        Assert.Single(services, static service => service.ServiceType == typeof(HintEngine));
        Assert.Single(services, static service => service.ServiceType == typeof(IValidateOptions<HintEngineOptions>));
        Assert.Equal(3, provider.GetRequiredService<IOptions<HintEngineOptions>>().Value.MaxConcurrency);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(HintEngineOptions.ConcurrencyLimit + 1)]
    public async Task AddConsistentMadvise_OptionOutOfRange_IsNamedWhenTheHostStarts(int concurrency)
    {
        await using ServiceProvider provider = new ServiceCollection()
            .AddConsistentMadvise(options => options.MaxConcurrency = concurrency)
            .BuildServiceProvider();

        OptionsValidationException failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains($"HintEngineOptions.MaxConcurrency is {concurrency}; it must be from 1 to 1024.", failure.Message, StringComparison.Ordinal);
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<HintEngine>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Container_Disposed_DisposesTheEngine(bool isAsync)
    {
        ServiceProvider provider = new ServiceCollection().AddConsistentMadvise().BuildServiceProvider();
        HintEngine engine = provider.GetRequiredService<HintEngine>();

        if (isAsync)
        {
            await provider.DisposeAsync();
        }
        else
        {
            provider.Dispose();
        }

        HintRequest request = new(Uninitialized<ProcessTarget>(), Uninitialized<HintPlan>());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.ApplyAsync(request));
    }
    /// <remarks>An engine that is disposed refuses a request before it looks into it.</remarks>
    private static T Uninitialized<T>() => (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
}
