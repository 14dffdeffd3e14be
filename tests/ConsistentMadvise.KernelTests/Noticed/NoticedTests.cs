using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit.Abstractions;

namespace ConsistentMadvise.KernelTests;

/// <summary>What the calls of a target return when it is frozen while they wait.</summary>
public sealed class NoticedTests(ITestOutputHelper output)
{
    /// <summary>A call that is never interrupted in so many windows is taken for one that is not affected.</summary>
    private const int LeastWindows = 100;

    private const int MostWindows = 2000;

    [Fact]
    public void Page_InDesign_IsWhatTheTestsAssert()
    {
        string page = Path.GetFullPath("../../../design/noticed.md", Path.GetDirectoryName(Here())!);
        if (Environment.GetEnvironmentVariable("CM_APPROVE") == "1")
        {
            File.WriteAllText(page, NoticedTable.Write());
        }

        Assert.True(File.ReadAllText(page) == NoticedTable.Write(), "design/noticed.md is not what the tests assert: look at what CM_APPROVE=1 makes of it");
    }

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler | Needs.IoUring)]
    [InlineData(null)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Calls_OfAFrozenTarget_ReturnWhatThePageSays(FreezerKind? freezer)
    {
        using CProgram program = CProgram.StartApart("noticed");
        int pid = int.Parse(program.ReadLine()!, CultureInfo.InvariantCulture);
        program.InCgroup(pid);
        using ProcessTarget target = ProcessTarget.Open(pid);
        HintPlan plan = HintPlan.Create(target.Capture(), Advice.Cold, static vma => vma.IsPrivateAnonymous && vma.Length < 64 * 1024);
        HintOptions options = new() { Freezer = freezer ?? FreezerKind.Auto, Match = LayoutMatch.Ranges, MaxPause = Timeout.InfiniteTimeSpan, FreezeTimeout = Eventually.Patience };
        Dictionary<string, Notice> seen = [];
        int windows = 0;
        while (windows < LeastWindows || (windows < MostWindows && NoticedCall.All.Any(call => seen[call.Name] != Expected(call, freezer))))
        {
            for (int i = 0; i < 20; i++, windows++)
            {
                HintOutcome outcome = freezer is null ? default : target.Apply(plan, options);
                Assert.True(freezer is null || outcome.Windows == 1, $"the target was frozen: {outcome}");
                Thread.Sleep(7); // the calls wait for 20 to 50 ms: they are met at every moment
            }

            seen = Ask(program);
        }

        output.WriteLine($"{windows} windows: {string.Join(", ", seen.Select(static call => $"{call.Key} {call.Value}"))}");
        Assert.Equal(NoticedCall.All.Select(call => (call.Name, Expected(call, freezer))), seen.Select(static call => (call.Key, call.Value)));
        Assert.All(ThreadStatus.ReadAll(pid), static thread => Assert.False(thread.IsStopped));
        program.Finish();
    }

    /// <summary>The control: what no freeze interrupts.</summary>
    private static Notice Expected(NoticedCall call, FreezerKind? freezer) => freezer is null ? Notice.Nothing : call.Notice;

    private static Dictionary<string, Notice> Ask(CProgram program)
    {
        Dictionary<string, Notice> seen = [];
        program.WriteLine();
        while (program.ReadLine() is { } line && line != "end")
        {
            string[] fields = line.Split('\t');
            seen.Add(fields[0], (fields[2] != "0" ? Notice.Interrupted : 0) | (fields[3] != "0" ? Notice.Short : 0));
        }

        return seen;
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
