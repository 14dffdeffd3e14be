namespace ConsistentMadvise.KernelTests;

/// <summary>What happens in the middle of a freeze, when every thread but one is held.</summary>
public enum HalfwayEvent
{
    /// <summary>That thread comes to rest.</summary>
    Nothing = 0,

    /// <summary>That thread, which is not the leader, calls execve(2).</summary>
    Exec,

    /// <summary>Another process continues the target's threads.</summary>
    Continue,

    /// <summary>Another process kills the target.</summary>
    Kill,
}
