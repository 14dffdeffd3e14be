using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>The slots in which a target offers memory and puts canaries, with a page between them that cannot be accessed: neighbours would merge.</summary>
internal sealed class CanaryMemory
{
    private readonly int _offered;
    private readonly int _canaries;
    private readonly bool _isSame;

    private CanaryMemory(ulong first, int slots, int pages, int offered, int canaries, bool isSame)
    {
        First = first;
        Slots = slots;
        Pages = pages;
        _offered = offered;
        _canaries = canaries;
        _isSame = isSame;
    }

    public ulong First { get; }

    public int Slots { get; }

    public int Pages { get; }

    public ulong Stride => (ulong)(Pages + 1) * Native.PageSize;

    private ulong Length => (ulong)Pages * Native.PageSize;

    /// <summary>Reserves the slots and opens the files; anonymous when there is no path.</summary>
    public static int Open(int slots, int pages, ReadOnlySpan<byte> path, bool isSame, out CanaryMemory? memory)
    {
        memory = null;
        int offered = -1, canaries = -1, errno = 0;
        if (!path.IsEmpty)
        {
            ReadOnlySpan<byte> suffix = ".canary\0"u8;
            Span<byte> name = stackalloc byte[path.Length + suffix.Length];
            name.Clear();
            path.CopyTo(name);
            errno = Native.Open(name, LibC.O_RDONLY, out offered);
            suffix.CopyTo(name[path.Length..]);
            errno = errno != 0 ? errno : Native.Open(name, LibC.O_RDONLY, out canaries);
        }

        ulong reserved = 0;
        ulong bytes = (ulong)slots * (ulong)(pages + 1) * Native.PageSize;
        errno = errno != 0 ? errno : RaceTarget.Slots.Map(bytes, LibC.PROT_NONE, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, -1, out reserved);
        memory = errno == 0 ? new CanaryMemory(reserved, slots, pages, offered, canaries, isSame) : null;
        return errno;
    }

    public ulong Address(int slot) => First + ((ulong)slot * Stride);

    /// <summary>Maps new memory into a slot, in the place of what is there, and touches it.</summary>
    public int Map(int slot, bool isCanary)
    {
        bool isOther = isCanary && !_isSame;
        bool isAnonymous = _offered < 0;
        int protection = LibC.PROT_READ | LibC.PROT_WRITE | (isOther && isAnonymous ? LibC.PROT_EXEC : 0);
        int flags = LibC.MAP_PRIVATE | LibC.MAP_FIXED | (isAnonymous ? LibC.MAP_ANONYMOUS : 0);
        int file = isOther ? _canaries : _offered;
        int errno = Native.Map(Address(slot), Length, protection, flags, file, out _, isAnonymous ? 0 : slot * (long)Length);
        if (errno != 0)
        {
            return errno;
        }

        if (isAnonymous)
        {
            Memory.Fill(Address(slot), Length);
        }
        else
        {
            Memory.Read(Address(slot), Length); // written to, the pages would be anonymous
        }

        return 0;
    }

    public int Close()
    {
        int errno = Native.Unmap(First, (ulong)Slots * Stride);
        if (_offered >= 0)
        {
            _ = Native.Close(_offered);
            _ = Native.Close(_canaries);
        }

        return errno;
    }
}
