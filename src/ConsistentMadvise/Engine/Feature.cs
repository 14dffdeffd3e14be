namespace ConsistentMadvise;

/// <summary>Something that a machine may have or lack, as it was found.</summary>
public sealed record Feature
{
    internal Feature(string name, string since, FeatureState state, string detail, string withoutIt)
    {
        Name = name;
        Since = since;
        State = state;
        Detail = detail;
        WithoutIt = withoutIt;
    }

    /// <summary>Gets the name, as <c>advice pageout</c>.</summary>
    public string Name { get; }

    /// <summary>Gets the first version of Linux that has it. For people: the feature was found by trying, not by comparing versions.</summary>
    public string Since { get; }

    /// <summary>Gets whether it is there for this caller.</summary>
    public FeatureState State { get; }

    /// <summary>Gets what was tried, and what it gave.</summary>
    public string Detail { get; }

    /// <summary>Gets what its absence costs.</summary>
    public string WithoutIt { get; }

    /// <summary>Gets whether it is there for this caller.</summary>
    public bool IsAvailable => State == FeatureState.Available;

    /// <summary>Returns the name, the state and the detail in one line.</summary>
    public override string ToString() => $"{Name}: {State}, {Detail}";
}
