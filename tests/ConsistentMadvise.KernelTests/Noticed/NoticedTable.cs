using System.Text;

namespace ConsistentMadvise.KernelTests;

/// <summary>Writes what targets notice as a page: what <see cref="NoticedTests"/> assert.</summary>
internal static class NoticedTable
{
    public static string Write()
    {
        StringBuilder page = new();
        page.Append(
            """
            # What a target notices

            Made by the tests, which make every call again and again while a target is frozen (`Noticed/` of the kernel tests), and fail when this page is not what they
            see. What it means, and what else is noticed: [page 15](15-whom-a-freeze-harms.md).

            The target has no signal handler. One row stands for all freezers: ptrace, cgroup and signal were measured one by one and agree. Without a freeze no call shows either.

            | blocking call | returns |
            |---|---|

            """);
        foreach (NoticedCall call in NoticedCall.All)
        {
            page.Append("| ").Append(call.Name).Append(" | ").Append(Describe(call.Notice)).Append(" |\n");
        }

        return page.ToString();
    }

    private static string Describe(Notice notice) => notice switch
    {
        Notice.Nothing => "as if nothing had been",
        Notice.Interrupted => "`EINTR`",
        Notice.Short => "less than was asked for",
        _ => throw new ArgumentOutOfRangeException(nameof(notice), notice, "Not one that a page has a word for."),
    };
}
