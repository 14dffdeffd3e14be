using System.Runtime.InteropServices;
using System.Text;
using ConsistentMadvise.Cli;

const PosixSignal SIGXCPU = (PosixSignal)24; // asm-generic/signal.h: .NET has no name for it

StandardStreams.Repair();

// Each of them would kill the process while its target is frozen. The transaction ends its window first; a second signal changes nothing.
using CancellationTokenSource cancellation = new();
using PosixSignalRegistration interrupt = CancelOn(PosixSignal.SIGINT);
using PosixSignalRegistration terminate = CancelOn(PosixSignal.SIGTERM);
using PosixSignalRegistration hangup = CancelOn(PosixSignal.SIGHUP);
using PosixSignalRegistration quit = CancelOn(PosixSignal.SIGQUIT);
using PosixSignalRegistration outOfTime = CancelOn(SIGXCPU);
using JobControlSignals jobControl = new();

// UTF-8 in any locale, as JSON requires. Not disposed: a writer whose file is full would write its rest again.
UTF8Encoding encoding = new(encoderShouldEmitUTF8Identifier: false);
StandardOutput stdout = new(1);
CommandOutput output = new(new StreamWriter(stdout, encoding, bufferSize: 32 * 1024), new StreamWriter(new StandardOutput(2), encoding), !Console.IsOutputRedirected)
{
    AwaitReaderGone = stdout.AwaitReaderGone,
};
return await Tool.RunAsync(args, output, cancellation.Token);

PosixSignalRegistration CancelOn(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
{
    context.Cancel = true;
    cancellation.Cancel();
});
