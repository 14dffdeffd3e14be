using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>
/// Threaded groups (libvirt, buildkit), a mount that shows a subtree, names that are not UTF-8 and a procfs without <c>/proc/sys</c> threw out of Apply. Now each is
/// used where it can be, else refused, and Auto goes on.
/// </summary>
public sealed class AGroupThatCannotBeFrozenThrew
{
    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Auto)]
    public void Apply_ThreadedGroup_IsRefusedAndAutoGoesOn(FreezerKind freezer)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup();
        target.Process.StartThreads(64);
        LearnedCosts.MakePtraceDear(64);
        string threaded = $"{target.Cgroup.Path}/threaded";
        Directory.CreateDirectory(threaded);
        try
        {
            File.WriteAllText($"{threaded}/cgroup.type", "threaded");
            foreach (string task in Directory.GetDirectories($"/proc/{target.Process.Pid}/task"))
            {
                File.WriteAllText($"{threaded}/cgroup.threads", Path.GetFileName(task));
            }

            HintOutcome outcome = target.Apply(new HintOptions { Freezer = freezer });

            Assert.Contains("CgroupNotUsable EOPNOTSUPP", outcome.FreezerReason + outcome.Message.Replace("[", "CgroupNotUsable ", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Equal(freezer == FreezerKind.Auto ? HintStatus.Applied : HintStatus.Refused, outcome.Status);
            target.Process.AssertRuns();
        }
        finally
        {
            TestCgroup.Release(target.Process.Pid);
            Eventually.Holds(() => File.ReadAllText($"{threaded}/cgroup.threads").Length == 0, "the group is empty");
            Directory.Delete(threaded);
        }
    }

    [KernelTheory(Needs.NiceCapability | Needs.CgroupV2)]
    [InlineData(" with a space")]
    [InlineData("\\backslash")]
    public void Apply_MountThatShowsASubtree_FindsTheGroupBelowIt(string suffix)
    {
        using PlannedTarget target = new PlannedTarget().InCgroup(suffix, nested: true);
        string parent = Path.GetDirectoryName(target.Cgroup.Path)!;
        DirectoryInfo place = Directory.CreateTempSubdirectory($"consistent-madvise{suffix} ");
        string script = $"mount --bind '{parent}' '{place.FullName}'; umount -l '{CgroupProbe.MountPoint}'";

        using CommandRun run = CommandRun.AfterMounts(script, "apply", $"{target.Process.Pid}", "--advice", "cold", "--range", $"{target.Range}", "--freezer", "cgroup", "--freeze-timeout", "30s");
        using CommandRun doctor = CommandRun.AfterMounts(script, "doctor", "--json");

        run.AssertEnded(0);
        Assert.Contains(place.FullName, doctor.Output.Replace("\\\\", "\\", StringComparison.Ordinal), StringComparison.Ordinal);
        place.Delete();
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.CgroupV2)]
    public void Apply_NameThatIsNotUtf8_FreezesTheGroup()
    {
        using PlannedTarget target = new();
        string name = $"{CgroupProbe.MountPoint}/consistent-madvise-test-caf";
        Shell($"g=$(printf '%s-%d\\351' '{name}' {Environment.ProcessId}); mkdir \"$g\"; echo {target.Process.Pid} > \"$g/cgroup.procs\"");
        try
        {
            bool isFrozen = false;
            PhaseActions probe = PhaseActions.At(TransactionPhase.Frozen, () => isFrozen = Shell($"cat '{name}'-{Environment.ProcessId}*/cgroup.events").Contains("frozen 1", StringComparison.Ordinal));

            HintOutcome outcome = target.Apply(new HintOptions { Freezer = FreezerKind.Cgroup }, probe);

            Assert.Equal((HintStatus.Applied, true), (outcome.Status, isFrozen));
            target.Process.AssertRuns();
        }
        finally
        {
            TestCgroup.Release(target.Process.Pid);
            Shell($"rmdir '{name}'-{Environment.ProcessId}*");
        }
    }

    [KernelTheory(Needs.NiceCapability | Needs.Root)]
    [InlineData("ptrace")]
    [InlineData("signal")]
    public void Apply_ProcWithoutSys_IsAppliedAndLeavesNoJournal(string freezer)
    {
        using PlannedTarget target = new();
        const string Script = "mount -t proc -o subset=pid proc /proc; mount -t tmpfs -o mode=755 none /run";

        using CommandRun run = CommandRun.AfterMounts(Script, "apply", $"{target.Process.Pid}", "--advice", "cold", "--range", $"{target.Range}", "--freezer", freezer, "--freeze-timeout", "30s");
        using CommandRun doctor = CommandRun.AfterMounts(Script, "doctor");

        run.AssertEnded(0);
        doctor.AssertEnded(0);
        target.Process.AssertRuns();
    }

    [KernelFact(Needs.NiceCapability | Needs.Root)]
    public void Doctor_RunOfAMountNamespace_WarnsThatJournalsEndWithIt()
    {
        using CommandRun shared = CommandRun.Of("doctor");
        using CommandRun alone = CommandRun.AfterMounts("mount -t tmpfs -o mode=755 none /run", "doctor");

        Assert.DoesNotContain("ends with this mount namespace", shared.Output, StringComparison.Ordinal);
        Assert.Contains("ends with this mount namespace", string.Join(' ', alone.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static string Shell(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-e", "-c", script]) { RedirectStandardOutput = true })!;
        string output = shell.StandardOutput.ReadToEnd();
        Assert.True(shell.WaitForExit(Eventually.Patience));
        Assert.Equal(0, shell.ExitCode);
        return output;
    }
}
