namespace ConsistentMadvise.KernelTests;

/// <summary>The tests' assembly as a program, which <see cref="AnotherCaller"/> starts as another user or in another namespace.</summary>
internal static class Program
{
    private const int Usage = 2;

    private static int Main(string[] arguments) => arguments is [AnotherCaller.SequencesCommand] ? AnotherCaller.TellSequences(Console.Out) : Usage;
}
