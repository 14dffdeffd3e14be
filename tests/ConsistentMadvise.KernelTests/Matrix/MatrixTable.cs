using System.Text;

namespace ConsistentMadvise.KernelTests;

/// <summary>Writes the matrix as a page: what <see cref="MatrixTests"/> assert of each cell.</summary>
internal static class MatrixTable
{
    private static readonly FreezerKind[] Freezers = [FreezerKind.Ptrace, FreezerKind.Cgroup, FreezerKind.Signal];

    public static string Write()
    {
        StringBuilder page = new();
        page.Append(
            """
            # The matrix

            Made by the tests, which run every cell against a real target (`Matrix/` of the kernel tests) and fail when this page is not what they assert.
            What it means: [page 13](13-proof.md).

            A cell has a letter for what the transaction says: `A` applied, `P` partly applied, `S` stale, `R` raced, `T` freeze timed out, `E` target exited, `N` refused; and a sign
            for what the pages say: `+` the planned memory was hinted and nothing else, `-` no page left, `!` memory was hinted that was put in the planned place, or
            changed there, after the plan was made. One entry stands for every match; three, as `S-/A+/S-`, for `Layout`, `Ranges` and `Sequence`; in parentheses
            what a plan without a sequence gets, which only the text decides about. `h`: the target got its command in that phase, and a freeze held it back until the thaw.
            `A+ or E+`: the thawed target may end before or after the transaction looks for the last time.


            """);
        WriteTable(page, "Frozen", HintConsistency.Frozen, Freezers, "A `!` without `R` is what the match cannot detect: the same line of maps (ABA).");
        WriteTable(page, "Optimistic", HintConsistency.Optimistic, [FreezerKind.Auto], "No freeze: there are no phases Freezing, Frozen, Rechecked and Thawed, and no freezer makes a difference.");
        WriteTable(page, "Unchecked", HintConsistency.Unchecked, [FreezerKind.Auto], "The control. Nothing is compared and nothing frozen: there are two phases, and no match makes a difference.");
        WriteHalfway(page);
        page.Append(
            """

            Cells that cannot be: `Sequence` for a plan without a sequence (refused: there is nothing to compare with), and the phases named above.

            """);
        return page.ToString();
    }

    private static void WriteTable(StringBuilder page, string title, HintConsistency consistency, FreezerKind[] freezers, string remark)
    {
        IReadOnlyList<TransactionPhase> phases = MatrixCell.Phases(consistency);
        page.Append("## ").Append(title).Append("\n\n").Append(remark).Append("\n\n| mutation | ").AppendJoin(" | ", phases).Append(" |\n|---|").Insert(page.Length, "---|", phases.Count).Append('\n');
        foreach (Mutation mutation in Mutations.All)
        {
            page.Append("| ").Append(mutation.Name).Append(" | ").AppendJoin(" | ", phases.Select(phase => Entry(mutation, phase, consistency, freezers))).Append(" |\n");
        }

        page.Append('\n');
    }

    private static void WriteHalfway(StringBuilder page)
    {
        page.Append("## In the middle of a freeze\n\n");
        page.Append($"A target of {HalfwayTarget.Threads} threads. It happens when all but one are held; that one is inside a system call, which no freezer interrupts. No match makes a difference.\nOf killed threads that have not exited yet the kernel may say that their cgroup is frozen, and by the look after the hints no more (`R`); they run no code of the target.\n\n");
        page.Append("| what happens | ").AppendJoin(" | ", Freezers.Select(static freezer => $"{freezer}".ToLowerInvariant())).Append(" |\n|---|").Insert(page.Length, "---|", Freezers.Length).Append('\n');
        foreach (HalfwayEvent what in Enum.GetValues<HalfwayEvent>())
        {
            page.Append("| ").Append(HalfwayCell.Name(what)).Append(" | ").AppendJoin(" | ", Freezers.Select(freezer => HalfwayCell.Entry(what, freezer))).Append(" |\n");
        }

        page.Append('\n');
    }

    /// <summary>What the freezers have in common, or else what each has.</summary>
    private static string Entry(Mutation mutation, TransactionPhase phase, HintConsistency consistency, FreezerKind[] freezers)
    {
        var groups = freezers.GroupBy(freezer => Entry(mutation, phase, consistency, freezer)).ToList();
        return groups.Count == 1
            ? groups[0].Key
            : string.Join("; ", groups.Select(static group => $"{string.Join(", ", group.Select(static freezer => $"{freezer}".ToLowerInvariant()))} {group.Key}"));
    }

    private static string Entry(Mutation mutation, TransactionPhase phase, HintConsistency consistency, FreezerKind freezer)
    {
        string Sign(LayoutMatch match, bool withSequence)
        {
            MatrixMatch kind = MatrixMatch.All.Single(one => one.Match == match && one.WithSequence == withSequence);
            return string.Join(" or ", CellExpectation.Of(new MatrixCell(mutation, phase, kind, consistency, freezer)).Select(static result => result.Sign));
        }

        string Both(LayoutMatch match)
        {
            (string with, string without) = (Sign(match, true), Sign(match, false));
            return with == without ? with : $"{with}({without})";
        }

        string[] signs = [Both(LayoutMatch.Layout), Both(LayoutMatch.Ranges), Sign(LayoutMatch.Sequence, true)];
        bool isHeldBack = new MatrixCell(mutation, phase, MatrixMatch.All[0], consistency, freezer).IsHeldBack;
        return (signs.Distinct().Count() == 1 ? signs[0] : string.Join('/', signs)) + (isHeldBack ? " h" : "");
    }
}
