using ConsistentMadvise;
using ConsistentMadvise.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers ConsistentMadvise in a container.</summary>
public static class ConsistentMadviseServices
{
    /// <summary>Registers one <see cref="HintEngine"/>, made at its first use and disposed with the container.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Sets the options; may be given several times, and the engine is registered once.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Options out of range are an <see cref="OptionsValidationException"/> when the host starts, or at the engine's first use where there is no host.
    /// </remarks>
    public static IServiceCollection AddConsistentMadvise(this IServiceCollection services, Action<HintEngineOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<HintEngineOptions> options = services.AddOptions<HintEngineOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HintEngineOptions>, HintEngineOptionsValidator>());
        services.TryAddSingleton(static provider => new HintEngine(provider.GetRequiredService<IOptions<HintEngineOptions>>().Value));
        return services;
    }
}
