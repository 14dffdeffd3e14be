using ConsistentMadvise;
using ConsistentMadvise.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers ConsistentMadvise in a container.</summary>
public static class ConsistentMadviseServices
{
    /// <summary>Registers a singleton <see cref="HintEngine"/>, created at first use and disposed with the container.</summary>
    /// <param name="services">The container's services.</param>
    /// <param name="configure">Sets the options. Several calls combine; the engine is registered once.</param>
    /// <returns>The same services.</returns>
    /// <remarks>
    /// Options out of range throw <see cref="OptionsValidationException"/> when the host starts, or at the engine's first use without a host.
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
