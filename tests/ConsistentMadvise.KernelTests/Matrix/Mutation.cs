namespace ConsistentMadvise.KernelTests;

/// <summary>Something that happens to a target between plan and hint, or after it.</summary>
/// <param name="Name">As the matrix calls it.</param>
/// <param name="Traces">By what it can be noticed.</param>
internal sealed record Mutation(string Name, Traces Traces)
{
    public MutationKind Kind { get; init; }

    /// <summary>Whether another process does it, which no freeze of the target holds.</summary>
    public bool IsByOutsider { get; init; }

    /// <summary>Whether a hint of the planned addresses is a mistake after it: other memory is there, or the same as something else.</summary>
    public bool ChangesPlanned { get; init; }

    /// <summary>Whether what it changes of the planned memory is its protection alone.</summary>
    public bool IsProtection { get; init; }

    /// <summary>Whether the planned memory has its protection again after it, whatever changed that before: the line is what it was (ABA).</summary>
    public bool RestoresProtection { get; init; }

    /// <summary>Whether nothing is mapped in the planned place after it: a hint does nothing there.</summary>
    public bool LeavesHole { get; init; }

    /// <summary>Whether nothing is mapped in a part of it: a hint is made of the rest, and fails.</summary>
    public bool LeavesPartialHole { get; init; }

    /// <summary>Whether it brings all pages of the planned place into memory: what was hinted before does not show there any more.</summary>
    public bool TouchesPlanned { get; init; }

    /// <summary>Whether a process is created in the target's cgroup: that is not frozen with others in it.</summary>
    public bool AddsProcess { get; init; }

    /// <summary>Whether the target answers nothing after it.</summary>
    public bool Silences { get; init; }

    /// <summary>Whether the target is of no use for another cell.</summary>
    public bool SpendsTarget { get; init; }

    /// <summary>The commands that have the target do it; none for one that is done otherwise.</summary>
    public Func<Scene, string>[] Commands { get; init; } = [];

    /// <summary>What a target needs for it, once, before any plan.</summary>
    public Action<Scene> Prepare { get; init; } = static _ => { };

    /// <summary>Does it, or sends the target the command, which then does it as soon as it runs.</summary>
    public required Action<Scene> Begin { get; init; }

    /// <summary>Waits until it is done. The target runs.</summary>
    public Action<Scene> Finish { get; init; } = static _ => { };

    /// <summary>Undoes what would disturb another cell.</summary>
    public Action<Scene> Undo { get; init; } = static _ => { };

    /// <summary>One that the target does by commands.</summary>
    public static Mutation ByTarget(string name, Traces traces, params Func<Scene, string>[] commands) => new(name, traces)
    {
        Commands = commands,
        Begin = scene => Array.ForEach(commands, command => scene.Process.Post(command(scene))),
        Finish = scene => Array.ForEach(commands, command => scene.Process.Accept(command(scene))),
    };

    /// <summary>One that another process does at once.</summary>
    public static Mutation ByOutsider(string name, Traces traces, Action<Scene> act) => new(name, traces) { IsByOutsider = true, Begin = act };

    public override string ToString() => Name;
}
