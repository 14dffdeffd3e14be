using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise.Fuzz;

/// <summary>What must hold.</summary>
internal static class Oracle
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
        {
            throw new OracleException(what);
        }
    }

    public static void Same<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new OracleException($"{what} is {actual}, not {expected}");
        }
    }

    /// <summary>The call throws exactly this, which its documentation names.</summary>
    public static void Throws<TException>(Action call, [CallerArgumentExpression(nameof(call))] string what = "")
        where TException : Exception
    {
        try
        {
            call();
        }
        catch (TException)
        {
            return;
        }

        throw new OracleException($"{what} did not throw {typeof(TException).Name}");
    }
}
