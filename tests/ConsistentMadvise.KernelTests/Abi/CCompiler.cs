using System.ComponentModel;
using System.Diagnostics;

namespace ConsistentMadvise.KernelTests;

/// <summary>The system's C compiler, over the kernel's headers that are installed.</summary>
internal static class CCompiler
{
    private const string Headers = """
        #define _DEFAULT_SOURCE
        #include <stddef.h>
        #include <asm/errno.h>
        #include <asm/mman.h>
        #include <asm/poll.h>
        #include <asm/resource.h>
        #include <asm/siginfo.h>
        #include <asm/signal.h>
        #include <asm/unistd.h>
        #include <sys/stat.h>
        #include <unistd.h>
        #include <linux/bpf.h>
        #include <linux/btf.h>
        #include <linux/capability.h>
        #include <linux/fcntl.h>
        #include <linux/fs.h>
        #include <linux/futex.h>
        #include <linux/inotify.h>
        #include <linux/kcmp.h>
        #include <linux/magic.h>
        #include <linux/prctl.h>
        #include <linux/ptrace.h>
        #include <linux/sched.h>
        #include <linux/seccomp.h>
        #include <linux/sched/types.h>
        #include <linux/time.h>
        #include <linux/uio.h>
        #include <linux/wait.h>

        """;

    /// <summary>Null when there is a compiler with the headers, otherwise why not.</summary>
    public static string? WhyNot()
    {
        try
        {
            (bool isValid, string messages) = Check([]);
            return isValid ? null : messages;
        }
        catch (Win32Exception missing)
        {
            return $"cc: {missing.Message}";
        }
    }

    /// <summary>Whether every assertion holds, and what the compiler says about those that do not.</summary>
    public static (bool IsValid, string Messages) Check(IEnumerable<AbiAssertion> assertions)
    {
        (int exitCode, _, string messages) = Run(assertions, "-fsyntax-only");
        return (exitCode == 0, messages);
    }

    /// <summary>The source as the compiler sees it: without what the headers do not know.</summary>
    public static string Preprocess(IEnumerable<AbiAssertion> assertions)
    {
        (int exitCode, string source, string messages) = Run(assertions, "-E");
        Assert.True(exitCode == 0, messages);
        return source;
    }

    private static (int ExitCode, string Output, string Messages) Run(IEnumerable<AbiAssertion> assertions, string mode)
    {
        ProcessStartInfo info = new("cc", ["-std=c11", mode, "-x", "c", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["LC_ALL"] = "C";
        using Process compiler = Process.Start(info)!;
        Task<string> output = compiler.StandardOutput.ReadToEndAsync();
        Task<string> messages = compiler.StandardError.ReadToEndAsync();
        compiler.StandardInput.Write(Headers + string.Join('\n', assertions.Select(static assertion => assertion.Source)) + "\n");
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        return (compiler.ExitCode, output.GetAwaiter().GetResult(), messages.GetAwaiter().GetResult());
    }
}
