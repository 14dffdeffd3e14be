using System.Diagnostics;
using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A target dumped its core into a pipe, slowly; to freeze it interrupted the dump, and 67 MB of core became 61 KB.</summary>
public sealed class ACoreDumpWasCutShort
{
    private const int MiB = 1024 * 1024;
    private const int DumpedMiB = 32;
    private const string PatternFile = "/proc/sys/kernel/core_pattern";
    private const int SIGSYS = 31; // by default it dumps core

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler)]
    [InlineData(FreezerKind.Auto)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Apply_TargetDumpsItsCore_IsRefusedAndTheCoreIsWhole(FreezerKind freezer)
    {
        using Dumper dumper = new();
        using CoreHandler handler = new();
        HintPlan plan = HintPlan.Create(dumper.Target.Capture(), Advice.Cold, VmaFilter.Default);
        handler.Install(dumper.Pid);
        dumper.Dump();
        handler.AwaitStart();

        HintOptions options = new() { Freezer = freezer, FreezeTimeout = Eventually.Patience };
        HintOutcome outcome = dumper.Target.Apply(plan, options);
        HintOutcome again = dumper.Target.Apply(plan, options);

        Assert.Equal((HintStatus.Refused, HintReason.DumpingCore), (outcome.Status, outcome.Reason));
        Assert.Equal((HintStatus.Refused, HintReason.DumpingCore), (again.Status, again.Reason));
        Assert.InRange(handler.Finish(), DumpedMiB * MiB, long.MaxValue);
        dumper.AwaitExit();
    }

    [KernelTheory(Needs.Root | Needs.Ptrace | Needs.NiceCapability | Needs.CgroupV2 | Needs.Compiler)]
    [InlineData(FreezerKind.Ptrace)]
    [InlineData(FreezerKind.Cgroup)]
    [InlineData(FreezerKind.Signal)]
    public void Freeze_DumpBeganAfterTheSurvey_IsThawedAndRefused(FreezerKind kind)
    {
        using Dumper dumper = new();
        using CoreHandler handler = new();
        (IFreezer? made, _, TransactionStop stop) = Freezers.Create(dumper.Target, new FreezeRequest(kind));
        Assert.Equal(TransactionStop.None, stop);
        using IFreezer freezer = made!;
        TransactionStop result = default;
        TransactionThread.TryRun(() =>
        {
            freezer.WarmUp();
            Assert.Equal(TransactionStop.None, freezer.Survey());
            handler.Install(dumper.Pid);
            dumper.Dump();
            handler.AwaitStart();
            result = freezer.Freeze(Stopwatch.GetTimestamp() + Stopwatch.Frequency / 10);
            return freezer is not ITracingFreezer { MustEndThread: true };
        });

        // By ptrace and cgroup that dump is cut short by then, and so over: only before the first stop is there a remedy.
        Assert.NotEqual(TransactionStop.None, result);
        Assert.True(kind != FreezerKind.Signal || result.Reason == HintReason.DumpingCore, $"{result}");
        Assert.False(dumper.Cgroup.IsSetFrozen);
        long length = handler.Finish();
        Assert.True(kind != FreezerKind.Signal || length >= DumpedMiB * MiB, $"the core is whole: {length} bytes");
        dumper.AwaitExit();
    }

    /// <summary>A target in a cgroup of its own that dumps its core on request.</summary>
    private sealed class Dumper : IDisposable
    {
        private readonly CProgram _program = CProgram.StartApart("dumper", DumpedMiB.ToString(CultureInfo.InvariantCulture));

        public Dumper()
        {
            Pid = int.Parse(_program.ReadLine()!, CultureInfo.InvariantCulture);
            Cgroup = _program.InCgroup(Pid);
            Target = ProcessTarget.Open(Pid);
        }

        public int Pid { get; }

        public ProcessTarget Target { get; }

        public TestCgroup Cgroup { get; }

        public void Dump() => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(Target.Pidfd, SIGSYS));

        public void AwaitExit() => Eventually.Holds(() => Target.HasExited, "the target has dumped its core and exited");

        public void Dispose()
        {
            Target.Dispose();
            _program.Dispose();
        }
    }

    /// <summary>Takes the core of one process, and reads it on request.</summary>
    /// <remarks>
    /// The pattern is the machine's. The cores of other processes come here meanwhile, and are passed over: one of them once passed for the target's, so that the pattern was
    /// put back before the target began to dump, and it exited at once. Another run of these tests waits until the pattern is back.
    /// </remarks>
    private sealed class CoreHandler : IDisposable
    {
        private readonly string _directory = Directory.CreateTempSubdirectory("cm-core-").FullName;
        private FileStream? _lock;
        private string _before = "";

        public void Install(int pid)
        {
            Eventually.Holds(TryLock, "no other run has set the pattern of cores");
            _before = File.ReadAllText(PatternFile).TrimEnd('\n');
            string script = Path.Combine(_directory, "h");
            File.WriteAllText(
                script,
                $"#!/bin/sh\n[ \"$1\" = {pid} ] || exec cat > /dev/null\n: > {_directory}/begun\nwhile [ -d {_directory} ] && [ ! -e {_directory}/go ]; do sleep 0.01; done\nwc -c > {_directory}/new\nmv {_directory}/new {_directory}/size\n");
            File.WriteAllText(PatternFile, $"|/bin/sh {script} %p");
        }

        public void AwaitStart()
        {
            Eventually.Holds(() => File.Exists($"{_directory}/begun"), "the handler of cores has begun");
            Restore();
        }

        /// <summary>Reads the core to its end, and returns its length.</summary>
        public long Finish()
        {
            File.WriteAllText($"{_directory}/go", string.Empty);
            Eventually.Holds(() => File.Exists($"{_directory}/size"), "the core was read");
            return long.Parse(File.ReadAllText($"{_directory}/size"), CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            Restore();
            File.WriteAllText($"{_directory}/go", string.Empty);
            Directory.Delete(_directory, recursive: true);
        }

        private bool TryLock()
        {
            try
            {
                _lock = new FileStream(Path.Combine(Path.GetTempPath(), "consistent-madvise-core-pattern"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return true;
            }
            catch (IOException)
            {
                return false; // another run has it open
            }
        }

        private void Restore()
        {
            if (_lock is not null)
            {
                File.WriteAllText(PatternFile, _before);
                _lock.Dispose();
                _lock = null;
            }
        }
    }
}
