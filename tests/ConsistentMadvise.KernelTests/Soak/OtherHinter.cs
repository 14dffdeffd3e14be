using System.Diagnostics;
using System.Globalization;

namespace ConsistentMadvise.KernelTests;

/// <summary>A command that hints in the library's place, so that any tool can be judged by the canaries.</summary>
/// <remarks>
/// It is run by a shell with <c>CM_PID</c>, <c>CM_RANGES</c> (<c>START-END</c> in hexadecimal, separated by spaces) and <c>CM_PLAN</c> (a file with the plan as
/// JSON) in its environment, and is to page these ranges out. Exit code 0 counts as applied, 3 as stale, any other as refused.
/// </remarks>
internal sealed class OtherHinter(string command)
{
    private const int StaleCode = 3;

    public HintOutcome Run(int pid, HintPlan plan)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, plan.ToJson());
            ProcessStartInfo info = new("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
            info.Environment["CM_PID"] = pid.ToString(CultureInfo.InvariantCulture);
            info.Environment["CM_RANGES"] = string.Join(' ', plan.Ranges);
            info.Environment["CM_PLAN"] = file;
            using Process shell = Process.Start(info)!;
            Task<string> complaints = shell.StandardError.ReadToEndAsync();
            shell.StandardOutput.ReadToEnd();
            shell.WaitForExit();
            HintReport report = new() { BytesPlanned = plan.Bytes, Message = complaints.Result };
            return shell.ExitCode switch
            {
                0 => HintOutcome.Applied(report),
                StaleCode => HintOutcome.Stale(HintReason.LayoutChanged, report),
                _ => HintOutcome.Refused(HintReason.AllRangesFailed, report),
            };
        }
        finally
        {
            File.Delete(file);
        }
    }
}
