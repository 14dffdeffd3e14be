namespace ConsistentMadvise;

/// <summary>What became of a call that another thread was asked to make.</summary>
internal enum HintCallResult
{
    /// <summary>It has returned.</summary>
    Returned = 0,

    /// <summary>The thread did not get a processor in time; the call was not made, and will not be.</summary>
    NotMade,

    /// <summary>It was made, and has not returned. It goes on until the kernel ends it.</summary>
    Pending,
}
