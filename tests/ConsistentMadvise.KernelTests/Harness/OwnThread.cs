namespace ConsistentMadvise.KernelTests;

/// <summary>Runs an action on a thread of its own, which ends with it: what Linux keeps for each thread (capabilities, filters, mounts) ends then, too.</summary>
internal static class OwnThread
{
    public static void Run(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new InvalidOperationException("on a thread of its own", failure);
        }
    }
}
