namespace ConsistentMadvise.RaceTarget;

/// <summary>Loads and stores, one a page, where the caller knows that they cannot fault.</summary>
internal static unsafe class Memory
{
    /// <summary>Writes something that is not zero into each page: pages of zeros would never take room in swap.</summary>
    public static void Fill(ulong address, ulong length)
    {
        for (ulong page = address; page < address + length; page += Native.PageSize)
        {
            Volatile.Write(ref *(ulong*)page, page);
        }
    }

    /// <summary>Reads a word of each page.</summary>
    public static void Read(ulong address, ulong length)
    {
        for (ulong page = address; page < address + length; page += Native.PageSize)
        {
            _ = Volatile.Read(ref *(ulong*)page);
        }
    }
}
