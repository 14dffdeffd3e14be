using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>The demo's handle on its target: this program, as a child that takes commands on stdin.</summary>
internal sealed class DemoTarget : IAsyncDisposable
{
    private readonly Process _process;

    private DemoTarget(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <summary>An address in its file mapping.</summary>
    public ulong File { get; private set; }

    /// <summary>An address in its anonymous memory.</summary>
    public ulong Anonymous { get; private set; }

    public static async Task<DemoTarget> StartAsync(string directory, CancellationToken cancellationToken)
    {
        // Started as 'dotnet cmadvise.dll' the process is dotnet, and needs the program as an argument.
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        bool isHosted = Path.GetFileNameWithoutExtension(program) == "dotnet";
        string[] self = isHosted ? [Path.Combine(AppContext.BaseDirectory, "cmadvise.dll")] : [];
        ProcessStartInfo info = new(program, [.. self, DemoTargetCommand.Name, directory])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        BeQuiet(info.Environment);
        DemoTarget target = new(Process.Start(info)!);
        try
        {
            string[] ready = await target.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            (target.File, target.Anonymous) = (Address(ready[0]), Address(ready[1]));

            // Running code for the first time changes its layout; the second time does not.
            await target.SendAsync(DemoTargetCommand.Ping, cancellationToken).ConfigureAwait(false);
            await target.SendAsync(DemoTargetCommand.Ping, cancellationToken).ConfigureAwait(false);
            return target;
        }
        catch
        {
            await target.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Makes it unmap the file and map another one.</summary>
    public async Task ReplaceFileAsync(CancellationToken cancellationToken) =>
        File = Address((await SendAsync(DemoTargetCommand.Replace, cancellationToken).ConfigureAwait(false))[0]);

    /// <summary>Closes its stdin, on which it exits, and waits for that.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    /// <summary>A .NET process recompiles hot code and collects garbage on background threads, which change the layout at any time.</summary>
    private static void BeQuiet(IDictionary<string, string?> environment)
    {
        environment["DOTNET_TieredCompilation"] = "0";
        environment["DOTNET_gcConcurrent"] = "0";
        environment["DOTNET_gcServer"] = "0";
        environment["DOTNET_EnableDiagnostics"] = "0";
        environment["DOTNET_EnableWriteXorExecute"] = "0";
    }

    private async Task<string[]> SendAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken).ConfigureAwait(false);
        await _process.StandardInput.FlushAsync(cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<string[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        string? line = await _process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (line is not null && line.StartsWith($"{DemoTargetCommand.Failed} ", StringComparison.Ordinal))
        {
            throw new RefusedException(
                $"The demo's target could not make a file of {Sizes.Show(DemoFile.Bytes)}: {line[(DemoTargetCommand.Failed.Length + 1)..]} Free disk space, raise the limit (ulimit -f), or set TMPDIR.");
        }

        return line is not null && line.StartsWith("ok ", StringComparison.Ordinal)
            ? line.Split(' ')[1..]
            : throw new InvalidOperationException($"The demo's target answered '{line ?? "nothing, and exited"}'.");
    }

    private static ulong Address(string text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
