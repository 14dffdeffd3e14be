using System.Globalization;
using CsCheck;

namespace ConsistentMadvise.Tests;

/// <summary>Random layouts and requests in a few hundred pages, where borders meet often.</summary>
internal static class TestGen
{
    public const ulong Base = 0x7f00_0000_0000;

    public static readonly ulong Page = (ulong)Environment.SystemPageSize;

    private static readonly string[] Kinds =
    [
        "rw-p 00000000 00:00 0 ",
        "rw-p 00000000 00:00 0                          [heap]",
        "r-xp 00001000 fe:00 1234                       /usr/lib/lib c.so",
        "rw-s 00000000 00:01 99                         /dev/shm/x (deleted)",
        "---p 00000000 00:00 0 ",
        "r-xp 00000000 00:00 0                          [vdso]",
    ];

    /// <summary>A record with a name as any process may have: any bytes but newlines, never beginning with a space.</summary>
    public static Gen<(VmaRecord Record, byte[] Name)> Record { get; } = Gen.Select(
        Gen.ULong, Gen.ULong, Gen.ULong, Gen.ULong, Gen.UInt, Gen.Int[0, 15], Gen.Byte.Where(static b => b != '\n').Array[0, 90]).Select(Make);

    public static Gen<LayoutSnapshot> Layout { get; } = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 6], Gen.Int[0, 30]).Array[0, 20].Select(MakeLayout);

    public static Gen<AddressRange[]> Request { get; } = Gen.Select(Gen.Int[0, 100], Gen.Int[1, 10])
        .Select(static (start, length) => Pages(start, start + length)).Array[0, 6];

    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    public static AddressRange Pages(int start, int end) => new(Base + (ulong)start * Page, Base + (ulong)end * Page);

    private static LayoutSnapshot MakeLayout((int Gap, int Length, int Kind)[] parts)
    {
        List<string> lines = [];
        int at = 0;
        foreach ((int gap, int length, int kind) in parts)
        {
            // Most VMAs touch the one before, as in a process; [vdso] is rare enough that requests succeed too.
            at += gap / 2;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Pages(at, at + length)} {Kinds[kind == 30 ? 5 : kind % 5]}"));
            at += length;
        }

        return TestLayout.Of([.. lines]);
    }

    private static (VmaRecord, byte[]) Make(ulong a, ulong b, ulong offset, ulong inode, uint device, int permissions, byte[] name)
    {
        // Addresses of every width: a random number nearly always has all its digits.
        int shift = (int)(offset % 60);
        ulong end = Math.Max(Math.Max(a, b) >> shift, 1), start = Math.Min(Math.Min(a, b) >> shift, end - 1);
        VmaRecord record = new()
        {
            Start = start,
            End = end,
            Offset = offset >> (int)(a % 60),
            Inode = inode >> (int)(b % 64),
            Device = device >> (int)(a % 32),
            Permissions = (VmaPermissions)permissions,
        };
        return (record, [.. name.SkipWhile(static c => c == ' ')]);
    }
}
