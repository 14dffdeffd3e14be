namespace ConsistentMadvise;

/// <summary>A feature that a machine may have or lack, and what probing found.</summary>
public sealed class Feature
{
    internal Feature(string name, string since, FeatureState state, string detail, string withoutIt)
    {
        Name = name;
        Since = since;
        State = state;
        Detail = detail;
        Consequence = withoutIt;
    }

    /// <summary>Gets the name, such as <c>advice pageout</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the first Linux version with it. For information only: the feature is probed, versions are not compared.</summary>
    public string Since { get; }

    /// <summary>Gets whether it is available to this caller.</summary>
    public FeatureState State { get; }

    /// <summary>Gets what was probed, with the result.</summary>
    public string Detail { get; }

    /// <summary>Gets what its absence costs.</summary>
    public string Consequence { get; }

    /// <summary>Gets whether it is available to this caller.</summary>
    public bool IsAvailable => State == FeatureState.Available;

    /// <summary>Returns the name, the state and the detail in one line.</summary>
    public override string ToString() => $"{Name}: {State}, {Detail}";
}
