using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace ConsistentMadvise.Fuzz;

/// <summary>Inputs as text. What is no UTF-8 is taken for UTF-16, so that halves of surrogate pairs come too.</summary>
internal static class InputText
{
    public static string Of(ReadOnlySpan<byte> input) => Utf8.IsValid(input)
        ? Encoding.UTF8.GetString(input)
        : new string(MemoryMarshal.Cast<byte, char>(input));
}
