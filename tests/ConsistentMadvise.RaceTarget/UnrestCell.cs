namespace ConsistentMadvise.RaceTarget;

/// <summary>What lies in a cell of the <see cref="UnrestArena"/>.</summary>
internal struct UnrestCell
{
    /// <summary>How far it is mapped from its start, holes included; zero when it is empty.</summary>
    public int Pages;

    /// <summary>One VMA of private anonymous memory, which can be moved and resized.</summary>
    public bool IsWhole;

    /// <summary>Without holes.</summary>
    public bool IsSolid;

    public bool IsReadOnly;
}
