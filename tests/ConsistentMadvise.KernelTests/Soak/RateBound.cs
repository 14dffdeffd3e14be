namespace ConsistentMadvise.KernelTests;

/// <summary>How large a rate may be of which so many were seen: the exact upper end of the interval of Clopper and Pearson.</summary>
/// <remarks>For none seen in n it is 1 - 0.05^(1/n), about 3/n: the rule of three.</remarks>
internal static class RateBound
{
    private const double Doubt = 0.05;

    /// <summary>Returns the rate that is exceeded in truth with a probability of 5 % at most.</summary>
    public static double Upper(long seen, long attempts)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seen);
        if (attempts <= seen)
        {
            return 1;
        }

        double low = 0, high = 1;
        for (int i = 0; i < 200; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = AtMost(seen, attempts, middle) > Doubt ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>The probability of so many or fewer, if the rate is p.</summary>
    private static double AtMost(long seen, long attempts, double rate)
    {
        double log = attempts * Math.Log(1 - rate);
        double step = Math.Log(rate) - Math.Log(1 - rate);
        double sum = Math.Exp(log);
        for (long i = 1; i <= seen; i++)
        {
            log += Math.Log((double)(attempts - i + 1) / i) + step;
            sum += Math.Exp(log);
        }

        return sum;
    }
}
