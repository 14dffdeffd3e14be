using Microsoft.Extensions.Options;

namespace ConsistentMadvise.Hosting;

/// <summary>Reports the option that is out of range, and its range.</summary>
internal sealed class HintEngineOptionsValidator : IValidateOptions<HintEngineOptions>
{
    public ValidateOptionsResult Validate(string? name, HintEngineOptions options) =>
        options.MaxConcurrency is >= 1 and <= HintEngineOptions.ConcurrencyLimit
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(HintEngineOptions)}.{nameof(HintEngineOptions.MaxConcurrency)} is {options.MaxConcurrency}; it must be from 1 to {HintEngineOptions.ConcurrencyLimit}.");
}
