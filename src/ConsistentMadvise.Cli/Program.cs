using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Cli;

// Each of them would end the process while its target is frozen. The transaction ends its window first; the second one changes nothing.
using CancellationTokenSource cancellation = new();
using PosixSignalRegistration interrupt = CancelOn(PosixSignal.SIGINT);
using PosixSignalRegistration terminate = CancelOn(PosixSignal.SIGTERM);
using PosixSignalRegistration hangup = CancelOn(PosixSignal.SIGHUP);
using PosixSignalRegistration quit = CancelOn(PosixSignal.SIGQUIT);

// UTF-8 whatever the locale says: that is what JSON is.
using StreamWriter output = new(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
return await Tool.RunAsync(args, new CommandOutput(output, Console.Error, !Console.IsOutputRedirected), cancellation.Token);

PosixSignalRegistration CancelOn(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true;
    cancellation.Cancel();
});
