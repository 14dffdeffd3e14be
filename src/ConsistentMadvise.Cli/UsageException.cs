namespace ConsistentMadvise.Cli;

/// <summary>What the user wrote cannot be done as written; found out after the command line was parsed.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>Refuses a plan or token of another process: the number was mistyped, or the file is an old one. The default token is of any.</summary>
    public static void ThrowIfOtherProcess(string what, LayoutToken token, int pid)
    {
        if (!token.IsDefault && token.Process.Pid != pid)
        {
            throw new UsageException($"The {what} was made for process {token.Process.Pid}, not for {pid}.");
        }
    }
}
