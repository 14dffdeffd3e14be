namespace ConsistentMadvise;

/// <summary>The result of a call that another thread was asked to make.</summary>
internal enum HintCallResult
{
    /// <summary>The call has returned.</summary>
    Returned = 0,

    /// <summary>The thread got no processor in time; the call was not made, and will not be.</summary>
    NotMade,

    /// <summary>The call was made and has not returned. It continues until the kernel ends it.</summary>
    Pending,
}
