using System.Collections;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>The differences between two snapshots, in address order; empty if there are none.</summary>
public sealed class LayoutDiff : IReadOnlyList<LayoutChange>
{
    private readonly List<LayoutChange> _changes;

    internal LayoutDiff(List<LayoutChange> changes) => _changes = changes;

    /// <summary>Gets the empty diff.</summary>
    public static LayoutDiff Empty { get; } = new([]);

    /// <summary>Gets the number of changes.</summary>
    public int Count => _changes.Count;

    /// <inheritdoc/>
    public LayoutChange this[int index] => _changes[index];

    /// <summary>Returns the number of changes.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} changes");

    /// <summary>Compares two snapshots, matching VMAs by start address.</summary>
    /// <param name="before">The earlier snapshot.</param>
    /// <param name="after">The later snapshot.</param>
    public static LayoutDiff Between(LayoutSnapshot before, LayoutSnapshot after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        List<LayoutChange> changes = [];
        int i = 0, k = 0;
        while (i < before.Count || k < after.Count)
        {
            ulong old = i < before.Count ? before[i].Start : ulong.MaxValue;
            ulong young = k < after.Count ? after[k].Start : ulong.MaxValue;
            if (old == young)
            {
                if (before[i] != after[k])
                {
                    changes.Add(new LayoutChange(LayoutChangeKind.Changed, before[i].Range, before[i], after[k]));
                }

                i++;
                k++;
            }
            else if (old < young)
            {
                changes.Add(new LayoutChange(LayoutChangeKind.Unmapped, before[i].Range, before[i++], null));
            }
            else
            {
                changes.Add(new LayoutChange(LayoutChangeKind.Mapped, after[k].Range, null, after[k++]));
            }
        }

        return changes.Count == 0 ? Empty : new LayoutDiff(changes);
    }

    /// <inheritdoc/>
    public IEnumerator<LayoutChange> GetEnumerator() => _changes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
