namespace ConsistentMadvise.KernelTests;

/// <summary>The matrix: every mutation at every phase, under every match, consistency and freezer, against a real target.</summary>
/// <remarks>
/// Of the mutations that spend their target a third of the cells, in turn, so that three freezers have them all: each costs the start of another. With <c>CM_EFFORT</c> above 1 all.
/// </remarks>
public abstract class MatrixTests(HintConsistency consistency, FreezerKind freezer)
{
    private const Needs All = Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Bpf | Needs.X64 | Needs.Userfaultfd | Needs.IoUring;

    private static readonly int Turns = Effort.Times(1) == 1 ? 3 : 1;

    public static TheoryData<string> MutationNames() => [.. Mutations.All.Select(static mutation => mutation.Name)];

    [KernelTheory(All)]
    [MemberData(nameof(MutationNames))]
    public void EachPhaseAndMatch_EndsAsItMust(string name)
    {
        Mutation mutation = Mutations.All.Single(mutation => mutation.Name == name);
        List<string> wrong = [];
        int turn = (int)freezer;
        Scene? scene = null;
        try
        {
            foreach (TransactionPhase phase in MatrixCell.Phases(consistency))
            {
                foreach (MatrixMatch match in MatrixMatch.For(consistency))
                {
                    if (mutation.SpendsTarget && consistency != HintConsistency.Unchecked && turn++ % Turns != 0)
                    {
                        continue;
                    }

                    if (scene is null)
                    {
                        scene = new Scene();
                        mutation.Prepare(scene);
                    }

                    MatrixCell cell = new(mutation, phase, match, consistency, freezer);
                    IReadOnlyList<CellResult> expected = CellExpectation.Of(cell);
                    CellResult result = CellRun.Run(cell, scene);
                    if (!expected.Contains(result))
                    {
                        wrong.Add($"{cell}: {result.Sign} and not {string.Join(" or ", expected.Select(static one => one.Sign))}");
                    }

                    if (mutation.SpendsTarget)
                    {
                        scene.Dispose();
                        scene = null;
                    }
                }
            }
        }
        finally
        {
            scene?.Dispose();
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }
}
