using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Every mutation of the matrix.</summary>
internal static class Mutations
{
    private const int Pages = Scene.Pages;
    private const Traces Other = Traces.OtherLine | Traces.Sequence;
    private const Traces Planned = Traces.PlannedLine | PlannedAba;
    private const Traces PlannedAba = Traces.Sequence | Traces.PlannedSequence;

    public static IReadOnlyList<Mutation> All { get; } =
    [
        Mutation.ByTarget("nothing", Traces.None, static _ => "ping"),
        Mutation.ByTarget("map", Other, static _ => "map 4"),
        Mutation.ByTarget("map a memfd", Other, static _ => "memfd 4 private"),
        Mutation.ByTarget("map and collapse huge pages", Other, static _ => "huge 1"),
        Mutation.ByTarget("unmap elsewhere", Other, static s => $"unmap {s.Elsewhere:x} {Pages}"),
        Mutation.ByTarget("unmap planned", Planned, static s => $"unmap {s.Planned:x} {Pages}") with { LeavesHole = true },
        Mutation.ByTarget("unmap part of planned", Planned, static s => $"unmap {s.Planned:x} 1") with { LeavesPartialHole = true },
        Mutation.ByTarget("mprotect elsewhere", Other, static s => $"protect {s.Elsewhere:x} {Pages} r"),
        Mutation.ByTarget("mprotect planned", Planned, static s => $"protect {s.Planned:x} {Pages} r", Touch) with { IsProtection = true, ChangesPlanned = true, TouchesPlanned = true },
        Mutation.ByTarget("mprotect part of planned", Planned, static s => $"protect {s.Planned:x} 1 r", Touch) with { IsProtection = true, ChangesPlanned = true, TouchesPlanned = true },
        Mutation.ByTarget("mprotect planned and back", PlannedAba, static s => $"protect {s.Planned:x} {Pages} r", static s => $"protect {s.Planned:x} {Pages} rw") with { RestoresProtection = true },
        Mutation.ByTarget("mremap elsewhere, grow", Other, static s => $"remap {s.Elsewhere:x} {Pages} {Pages + 4}"),
        Mutation.ByTarget("mremap elsewhere, move", Other, static s => $"remap {s.Elsewhere:x} {Pages} {Pages} move"),
        Mutation.ByTarget("mremap planned, move", Planned, MovePlanned) with { LeavesHole = true, Finish = static s => s.AwaitMoved(MovePlanned(s)) },
        Mutation.ByTarget("mremap planned, DONTUNMAP", Other | PlannedAba, static s => $"dontunmap {s.Planned:x} {Pages}") with { ChangesPlanned = true, TouchesPlanned = true, Finish = static s => s.AwaitMovedAway() },
        Mutation.ByTarget("brk", Other, static _ => "brk 16"),
        Mutation.ByTarget("stack growth", Other, static _ => "stack 1"),
        Mutation.ByTarget("other memory elsewhere, other line", Other, static s => $"replace {s.Elsewhere:x} {Pages} other"),
        Mutation.ByTarget("other memory elsewhere, same line (ABA)", Traces.Sequence, static s => $"replace {s.Elsewhere:x} {Pages} same"),
        Mutation.ByTarget("other memory in the planned place, other line", Planned, static s => $"mapfile {s.CanaryFile} {Pages} private at {s.Planned:x}", Touch) with { ChangesPlanned = true, TouchesPlanned = true },
        Mutation.ByTarget("other memory in the planned place, same line (ABA)", PlannedAba, static s => $"mapfile {s.PlannedFile} {Pages} private at {s.Planned:x}", Touch) with { ChangesPlanned = true, TouchesPlanned = true },
        Mutation.ByTarget("lock elsewhere", Traces.Sequence, static s => $"mlock {s.Elsewhere:x} {Pages}"),
        Mutation.ByTarget("lock planned", PlannedAba, static s => $"mlock {s.Planned:x} {Pages}") with { Kind = MutationKind.Lock, TouchesPlanned = true },
        Mutation.ByTarget("madvise elsewhere, HUGEPAGE", Traces.Sequence, static s => $"madvise {s.Elsewhere:x} {Pages} 14"),
        Mutation.ByTarget("madvise elsewhere, COLD", Traces.None, static s => $"madvise {s.Elsewhere:x} {Pages} 20"),
        Mutation.ByTarget("io_uring MADVISE elsewhere, COLD", Traces.None, static s => $"uring {s.Elsewhere:x} {Pages} 20") with { Prepare = static s => s.Process.OpenRing() },
        Mutation.ByTarget("fork", PlannedAba, static _ => "fork") with { AddsProcess = true, Finish = static s => s.Process.Adopt(s.Process.Accept("fork")), Undo = static s => s.Process.EndOffspring() },
        Mutation.ByTarget("thread creation", Other, static _ => "thread"),
        new("a signal handler maps", Other) { Prepare = static s => s.MapOnSignal(), Begin = static s => s.Process.Signal(Tmds.Linux.LibC.SIGUSR1), Finish = static s => s.AwaitHandled() },
        Mutation.ByTarget("renames itself", Traces.None, static _ => $"rename {Convert.ToHexString("a) R 1 (b"u8)}"),
        Mutation.ByTarget("SIGSTOP to itself", Traces.None, static _ => "stop") with { Silences = true, Finish = static s => s.Process.WaitUntilStopped(), Undo = static s => s.Process.Continue() },
        Mutation.ByTarget("SIGCONT to itself", Traces.None, static _ => "cont"),
        new("exec, same program", Planned | Other) { Kind = MutationKind.Exec, LeavesHole = true, Silences = true, SpendsTarget = true, Begin = static s => s.Process.Post("exec same"), Finish = static s => s.Process.AwaitReadyAgain() },
        new("exec, same program and addresses", Planned | Other) { Kind = MutationKind.Exec, LeavesHole = true, Silences = true, SpendsTarget = true, Begin = static s => s.Process.Post("exec noaslr"), Finish = static s => s.Process.AwaitReadyAgain() },
        new("exec, other program", Planned | Other) { Kind = MutationKind.Exec, LeavesHole = true, Silences = true, SpendsTarget = true, Begin = static s => s.Process.Post("exec other /bin/cat"), Finish = static s => s.AwaitProgram("cat") },
        new("exit", Planned | Other) { Kind = MutationKind.Exit, Silences = true, SpendsTarget = true, Begin = static s => s.Process.Post("exit 0"), Finish = static s => s.AwaitEnd() },
        new("exit of the thread-group leader", Traces.None) { Kind = MutationKind.LeaderExit, SpendsTarget = true, Begin = static s => s.Process.Post("exitmain"), Finish = static s => s.Process.Accept("exitmain") },
        Mutation.ByTarget("CLONE_VM without CLONE_THREAD", Other, static _ => "clonevm") with { AddsProcess = true, Kind = MutationKind.SharerComes, SpendsTarget = true, Finish = static s => s.Process.AcceptSharer("clonevm") },
        Mutation.ByTarget("vfork", Other, static _ => "vfork-hold") with { AddsProcess = true, Kind = MutationKind.Vfork, SpendsTarget = true, Finish = static s => s.Process.AcceptSharer("vfork-hold") },
        new("another tracer comes", PlannedAba) { Kind = MutationKind.TracerComes, AddsProcess = true, Silences = true, SpendsTarget = true, Begin = static s => s.Process.Post("traced"), Finish = static s => s.Process.Adopt(s.Process.Accept("traced")) },
        Mutation.ByOutsider("SIGKILL from another", Planned | Other, static s => s.Process.Kill()) with { Kind = MutationKind.Exit, Silences = true, SpendsTarget = true },
        Mutation.ByOutsider("SIGCONT from another", Traces.None, static s => s.Process.Signal(Uapi.SIGCONT)) with { Kind = MutationKind.Continue },
        Mutation.ByOutsider("another thaws the cgroup", Traces.None, static s => s.Cgroup.Freeze(false)) with { Kind = MutationKind.CgroupThaw },
        Mutation.ByOutsider("the planned file is renamed", Traces.PlannedLine, static s => s.RenameFile()) with { Undo = static s => s.RenameFileBack() },
        Mutation.ByOutsider("a userfaultfd manager registers elsewhere", Traces.Sequence, static s => s.Userfault.Register()) with { Prepare = static s => s.ManageFaults(), Undo = static s => s.Userfault.Unregister() },
        Mutation.ByOutsider("a sharer maps", Other, static s => s.Sharer.Map(s.Free, 4)) with { Prepare = StartSharer },
        Mutation.ByOutsider("a sharer unmaps elsewhere", Other, static s => s.Sharer.Unmap(s.Elsewhere, Pages)) with { Prepare = StartSharer },
        Mutation.ByOutsider("a sharer mprotects planned", Planned, static s => s.ProtectBySharer()) with { Prepare = StartSharer, ChangesPlanned = true, TouchesPlanned = true },
        Mutation.ByOutsider("a sharer unmaps planned", Planned, static s => s.Sharer.Unmap(s.Planned, Pages)) with { Prepare = StartSharer, LeavesHole = true },
        Mutation.ByOutsider("the caller disposes the target", Traces.None, static s => s.DisposeTarget()),
        Mutation.ByOutsider("the caller disposes the target, then opens another", Traces.None, static s => s.DisposeTargetAndOpenAnother()) with { Prepare = static s => s.StartBystander(), Undo = static s => s.CloseBystander() },
    ];

    private static void StartSharer(Scene scene) => scene.StartSharer();

    private static string MovePlanned(Scene scene) => $"remap {scene.Planned:x} {Pages} {Pages} move";

    private static string Touch(Scene scene) => $"read {scene.Planned:x} {Pages}";
}
