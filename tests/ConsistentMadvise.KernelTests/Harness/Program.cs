namespace ConsistentMadvise.KernelTests;

/// <summary>The tests' assembly as a program: <see cref="AnotherCaller"/> starts it as another user or in another namespace, <see cref="CrashCaller"/> to be killed; people run <see cref="SoakCommand"/>.</summary>
internal static class Program
{
    private const int Usage = 2;

    private static int Main(string[] arguments) => arguments switch
    {
        [AnotherCaller.SequencesCommand] => AnotherCaller.TellSequences(Console.Out),
        [CrashCaller.Command, .. var rest] => CrashCaller.Run(rest),
        [HelperStart.Mode, .. var rest] => StandingHelper.Run(rest),
        [HelpedHost.Command, .. var rest] => HelpedHost.Run(rest),
        [GuardedHost.Command] => GuardedHost.Run(),
        [WaitingHost.Command, .. var rest] => WaitingHost.Run(rest),
        [SoakCommand.Name, .. var rest] => SoakCommand.Run(rest),
        _ => Usage,
    };
}
