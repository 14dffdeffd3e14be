using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// In a pid namespace that still sees the outer <c>/proc</c>, a pidfd and <c>/proc/N</c> are two processes: the layout of the one was read, and the other was hinted,
/// <see cref="HintStatus.Applied"/>. The kernel is asked about the one in the numbers of the other.
/// </summary>
public sealed class TheProcOfAnotherNamespaceWasBelieved
{
    private static readonly string[] Inner = ["unshare", "--pid", "--fork", "--kill-child"];

    [KernelTheory(Needs.Root | Needs.NiceCapability)]
    [InlineData("frozen")]
    [InlineData("unchecked")]
    public void Apply_PidMeansAnotherProcessInProc_IsRefused(string consistency)
    {
        using PlannedTarget outer = new();
        string number = outer.Process.Pid.ToString(CultureInfo.InvariantCulture);

        // The first process of the inner namespace takes the number that the outer process has: ns_last_pid is the one before it.
        string script = $"echo $(({number} - 1)) > /proc/sys/kernel/ns_last_pid; sleep 1000 & inner=$!; [ $inner = {number} ] || exit 99; \"$0\" \"$@\"; code=$?; kill $inner; exit $code";
        using CommandRun run = CommandRun.In(Inner, script, "apply", number, "--advice", "pageout", "--range", $"{outer.Range.Start:x}-{outer.Range.End:x}", "--consistency", consistency);

        run.AssertFailed(5, "another pid namespace");
        Assert.True(outer.IsUntouched);
        outer.Process.AssertRuns();
    }

    [KernelFact(Needs.Root)]
    public void Doctor_ProcOfAnotherNamespace_SaysSo()
    {
        using CommandRun run = CommandRun.In(Inner, "\"$0\" \"$@\"; exit $?", "doctor", "--short");

        run.AssertEnded(0);
        Assert.Contains("/proc shows another pid namespace", run.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [KernelFact(Needs.Root)]
    public void Snapshot_ProcOfItsOwn_IsRead()
    {
        using CommandRun run = CommandRun.In([.. Inner, "--mount-proc"], "sleep 1000 & \"$0\" snapshot $! --json; code=$?; kill $!; exit $code");

        run.AssertJson(0);
    }
}
