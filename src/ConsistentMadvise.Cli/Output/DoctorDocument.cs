namespace ConsistentMadvise.Cli;

/// <summary>What <c>doctor --json</c> prints.</summary>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="Features">The required ones first.</param>
internal sealed record DoctorDocument(string Kernel, DoctorDocument.FeatureEntry[] Features)
{
    public static DoctorDocument Of(Capabilities capabilities) => new(
        capabilities.KernelRelease,
        [.. capabilities.Features.Select(static feature => new FeatureEntry(feature.Name, JsonName.Of(feature.State), feature.Since, feature.Detail, feature.Consequence))]);

    /// <param name="Name">As <c>advice pageout</c>.</param>
    /// <param name="State">A <see cref="FeatureState"/>.</param>
    /// <param name="Since">The first version of Linux that has it.</param>
    /// <param name="Detail">What was probed, with the result.</param>
    /// <param name="Consequence">What its absence costs.</param>
    internal sealed record FeatureEntry(string Name, string State, string Since, string Detail, string Consequence);
}
