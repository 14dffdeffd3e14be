using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>Memory that is more than plain mappings: moved and left empty, stacks, files without a name, huge pages.</summary>
public sealed class BackingCommandTests : IDisposable
{
    private const ulong Page = 4096;
    private const ulong HugePage = 2 << 20;
    private const string Reserved = "/proc/sys/vm/nr_hugepages";

    private readonly RaceTargetProcess _target = RaceTargetProcess.Start();

    public void Dispose() => _target.Dispose();

    [Fact]
    public void DontUnmap_TouchedPages_MovesThemAndLeavesTheLine()
    {
        ulong address = _target.MapTouched(4);
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);

        ulong moved = _target.DontUnmap(address, 4);

        IReadOnlyList<MapsEntry> after = MapsEntry.ReadAll(_target.Pid);
        Assert.Equal([new MapsEntry(moved, moved + (4 * Page), "rw-p", "")], after.Except(before));
        Assert.Equal(before.Count + 1, after.Count);
        Assert.Equal(((0, 0), (4, 0)), (_target.Resident(address, 4), _target.Resident(moved, 4)));
        _target.AssertRuns();
    }

    [Fact]
    public void GrowStack_Twice_MovesTheStartOfTheStackAndNothingElse()
    {
        MapsEntry Stack() => MapsEntry.ReadAll(_target.Pid).Single(static entry => entry.Path == "[stack]");
        foreach (int pages in (int[])[1, 100])
        {
            IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);
            MapsEntry stack = Stack();

            Assert.Equal(stack.Start - ((ulong)pages * Page), _target.GrowStack(pages));

            Assert.Equal(stack with { Start = stack.Start - ((ulong)pages * Page) }, Stack());
            Assert.Equal([Stack()], MapsEntry.ReadAll(_target.Pid).Except(before));
        }

        Assert.Throws<RaceTargetException>(() => _target.GrowStack(1_000_000)); // 4 GB: beyond RLIMIT_STACK
        _target.AssertRuns();
    }

    [Theory]
    [InlineData(false, "rw-p")]
    [InlineData(true, "rw-s")]
    public void MapMemfd_PrivateOrShared_AddsALineOfADeletedFile(bool shared, string permissions)
    {
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);

        ulong address = _target.MapMemfd(3, shared);

        Assert.Equal([new MapsEntry(address, address + (3 * Page), permissions, "/memfd:race (deleted)")], MapsEntry.ReadAll(_target.Pid).Except(before));
        _target.Touch(address, 3);
        _target.AssertRuns();
    }

    [KernelFact(Needs.Bpf)]
    public void MapFile_FileDeleted_ChangesTheTextAndNotTheSequence()
    {
        string path = Path.GetTempFileName();
        ulong address = _target.MapFile(path, 2);
        Assert.Equal(path, MapsEntry.At(_target.Pid, address).Path);
        Assert.True(SequenceReader.Shared.TryRead(_target.Pid, out SequenceReading before));

        File.Delete(path);

        Assert.Equal($"{path} (deleted)", MapsEntry.At(_target.Pid, address).Path);
        Assert.True(SequenceReader.Shared.TryRead(_target.Pid, out SequenceReading after));
        Assert.True(after.IsUnchangedSince(before), "no VMA changed");
        _target.AssertRuns();
    }

    [Fact]
    public void MapHuge_TwoPages_AddsALineThatMayHaveHugePages()
    {
        IReadOnlyList<MapsEntry> before = MapsEntry.ReadAll(_target.Pid);

        ulong address = _target.MapHuge(2);

        Assert.Equal(0ul, address % HugePage);
        Assert.Equal([new MapsEntry(address, address + (2 * HugePage), "rw-p", "")], MapsEntry.ReadAll(_target.Pid).Except(before));
        Assert.Equal((1024, 0), _target.Resident(address, 1024));
        Assert.Contains(" hg ", Field(address, "VmFlags:") + " ", StringComparison.Ordinal);
        bool never = File.ReadAllText("/sys/kernel/mm/transparent_hugepage/enabled").Contains("[never]", StringComparison.Ordinal);
        Eventually.Holds(
            () =>
            {
                bool isRight = never == (Kilobytes(address, "AnonHugePages:") == 0);
                if (!isRight)
                {
                    // The kernel takes small pages where it finds no huge one just then.
                    _target.Unmap(address, 1024);
                    address = _target.MapHuge(2);
                }

                return isRight;
            },
            "it has huge pages unless the machine makes none");
        _target.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void MapHugeTlb_ReservedOrNot_MapsThemOrSaysThatThereAreNone()
    {
        string had = File.ReadAllText(Reserved).Trim();
        try
        {
            int wanted = int.Parse(had, CultureInfo.InvariantCulture) + 2;
            File.WriteAllText(Reserved, $"{wanted}");
            bool hasThem = int.Parse(File.ReadAllText(Reserved), CultureInfo.InvariantCulture) == wanted; // the kernel reserves as many as it can find
            if (hasThem)
            {
                ulong address = _target.MapHugeTlb(2);
                Assert.Equal(2048, Kilobytes(address, "KernelPageSize:"));
                Assert.Equal((1024, 0), _target.Resident(address, 1024));
                _target.Unmap(address, 1024);
            }
        }
        finally
        {
            File.WriteAllText(Reserved, had);
        }

        RaceTargetException none = Assert.Throws<RaceTargetException>(() => _target.MapHugeTlb(100_000));
        Assert.Contains("ENOMEM", none.Message, StringComparison.Ordinal);
        _target.AssertRuns();
    }

    private int Kilobytes(ulong address, string name) => int.Parse(Field(address, name).Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);

    /// <summary>A field of the VMA that begins there, from smaps.</summary>
    private string Field(ulong address, string name) => File.ReadLines($"/proc/{_target.Pid}/smaps")
        .SkipWhile(line => !line.StartsWith($"{address:x}-", StringComparison.Ordinal))
        .First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];
}
