using System.Runtime.CompilerServices;

namespace ConsistentMadvise.KernelTests;

public sealed class MatrixTableTests
{
    private const string Approve = "CM_APPROVE";

    [Fact]
    public void Page_InDesign_IsWhatTheTestsAssert()
    {
        string page = Path.GetFullPath("../../../design/matrix.md", Path.GetDirectoryName(Here())!);
        if (Environment.GetEnvironmentVariable(Approve) == "1")
        {
            File.WriteAllText(page, MatrixTable.Write());
        }

        Assert.True(File.ReadAllText(page) == MatrixTable.Write(), $"design/matrix.md is not what the tests assert: look at what {Approve}=1 makes of it");
    }

    [Fact]
    public void Frozen_EveryCell_HintsForeignMemoryOnlyIfUndetectableOrReported()
    {
        foreach (Mutation mutation in Mutations.All)
        {
            foreach (MatrixCell cell in from phase in MatrixCell.Phases(HintConsistency.Frozen)
                                        from match in MatrixMatch.All
                                        select new MatrixCell(mutation, phase, match, HintConsistency.Frozen, FreezerKind.Ptrace))
            {
                bool canTell = cell.Match.Match switch
                {
                    LayoutMatch.Sequence => mutation.Traces.HasFlag(Traces.Sequence),
                    LayoutMatch.Ranges => mutation.Traces.HasFlag(cell.Match.WithSequence ? Traces.PlannedSequence : Traces.PlannedLine),
                    _ => (mutation.Traces & (Traces.PlannedLine | Traces.OtherLine)) != 0,
                };
                Assert.All(CellExpectation.Of(cell), result => Assert.True(result.Verdict != Verdict.OtherMemory || result.Status == HintStatus.Raced || !canTell, $"{cell}"));
            }
        }
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
