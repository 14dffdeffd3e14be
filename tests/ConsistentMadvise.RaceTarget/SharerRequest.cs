using System.Runtime.CompilerServices;

namespace ConsistentMadvise.RaceTarget;

/// <summary>A system call that a sharer is asked to make: its number, then its six arguments.</summary>
[InlineArray(7)]
internal struct SharerRequest
{
    private ulong _number;
}
