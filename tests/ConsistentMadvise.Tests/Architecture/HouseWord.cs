using System.Text.RegularExpressions;

namespace ConsistentMadvise.Tests;

/// <summary>A word or phrase that readers stumble over, and what to write instead.</summary>
internal sealed record HouseWord(string Pattern, string Instead)
{
    public static IReadOnlyList<HouseWord> All { get; } =
    [
        new("behind", "after, past the end of, following"),
        new("besides", "also, in addition"),
        new("by name", "explicitly (for a name that is looked up: by its name)"),
        new("(is|are|was|be) had", "is available, can be obtained"),
        new("whoever", "the process that, the caller that"),
        new("(no|some|any|every)body", "no process, another thread, all processes"),
        new("(tells?|told)", "reports, shows, determines"),
        new("(un)?collected", "reaped"),
        new("main thread", "thread-group leader"),
        new("(lets?|letting) [\\w ]{0,20}\\brun", "thaw"),
        new("(lets?|letting) go", "release, detach, thaw"),
        new("execut(es?|ed|ing) (a|an|the|another|the same) program", "exec'd, calls execve(2)"),
        new("(has|have|had) ended", "exited"),
        new("advices", "kinds of advice"),
        new("forebears", "ancestors"),
        new("anew", "again"),
        new("rung", "step"),
        new("born", "created, cloned"),
        new("gives? out|given out", "allocated"),
        new("not to know", "a missing answer"),
        new("this machine cannot", "not supported on this machine"),
    ];

    /// <summary>How often it stands in a text, as words of their own.</summary>
    public int Count(string text) => Find(text).Count;

    public MatchCollection Find(string text) => Regex.Matches(text, $@"(?<!\w)({Pattern})(?!\w)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
