using System.Globalization;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>A helper of the tests' own that stands still at a phase of its transaction, as long as a file says so.</summary>
internal sealed class StandingHelper : IDisposable
{
    private readonly string _order;
    private SafeDescriptor _pidfd = new();

    /// <summary>Has the next transaction stand at a phase.</summary>
    /// <param name="host">The host of the helper.</param>
    /// <param name="phase">The phase.</param>
    public StandingHelper(int host, TransactionPhase phase)
    {
        _order = OrderOf(host);
        File.Delete(At(_order)); // of a killed run, whose host had the same pid
        File.WriteAllText(_order, $"{phase}");
    }

    /// <summary>The helper, once it stands.</summary>
    public int Pid { get; private set; }

    /// <summary>Makes a program that hosts can start as their helper.</summary>
    public static string MakeProgram()
    {
        Dictionary<string, string?> environment = [];
        RaceTargetProgram.Configure(environment);
        string path = Path.Combine(Path.GetTempPath(), $"consistent-madvise-helper-{Environment.ProcessId}.sh");
        File.WriteAllText(path, $"#!/bin/sh\nexec '{environment["DOTNET_ROOT"]}/dotnet' '{typeof(StandingHelper).Assembly.Location}' \"$@\"\n");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Ends the running helper, and makes a program the next one; null for the program that the library finds.</summary>
    public static void Use(string? program)
    {
        HelperProcess.Given = program;
        TransactionHelper.Current?.End(Eventually.Patience);
    }

    /// <summary>The other side: <c>helper PID</c>.</summary>
    public static int Run(string[] arguments)
    {
        int host = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        return HelperProgram.Run(host, Console.Out.WriteLine, out string why, new Stand(OrderOf(host))) ? 0 : throw new InvalidOperationException(why);
    }

    /// <summary>Waits until the helper stands.</summary>
    public void Await()
    {
        Eventually.Holds(() => File.Exists(At(_order)) && File.ReadAllText(At(_order)).EndsWith('\n'), "the helper stands at its phase");
        Pid = int.Parse(File.ReadAllText(At(_order)), CultureInfo.InvariantCulture);
        Assert.Equal(Errno.None, Kernel.PidfdOpen(Pid, out _pidfd));
    }

    public void Signal(int signal) => Assert.Equal(Errno.None, Kernel.PidfdSendSignal(_pidfd, signal));

    public void WaitForExit() => Eventually.Holds(() => Kernel.IsReadable(_pidfd, out bool hasExited).Ok && hasExited, "the helper has exited");

    /// <summary>Lets it go on.</summary>
    public void Release() => File.Delete(_order);

    public void Dispose()
    {
        Release();
        File.Delete(At(_order));
        _pidfd.Dispose();
    }

    private static string OrderOf(int host) => string.Create(CultureInfo.InvariantCulture, $"/dev/shm/consistent-madvise-stand-{host}");

    private static string At(string order) => $"{order}.at";

    private sealed class Stand(string order) : ITransactionProbe
    {
        void ITransactionProbe.At(TransactionPhase phase)
        {
            if (!File.Exists(order) || File.Exists(At(order)) || ReadOrder() != $"{phase}")
            {
                return;
            }

            File.WriteAllText(At(order), $"{Environment.ProcessId}\n");
            while (File.Exists(order))
            {
                _ = Kernel.Sleep(1_000_000);
            }
        }

        private string ReadOrder()
        {
            try
            {
                return File.ReadAllText(order);
            }
            catch (FileNotFoundException)
            {
                return string.Empty; // withdrawn meanwhile
            }
        }
    }
}
