using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>Everything that the Interop room says about the kernel, found by reflection: what is added there is tested without being named here.</summary>
internal static class AbiAssertions
{
    private const BindingFlags Fields = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Names by how they begin that the headers of a system we can be built on may lack, and a macro that came with them.</summary>
    private static readonly (string Prefix, string Guard)[] Newer =
    [
        ("MADV_COLLAPSE", "MADV_COLLAPSE"),    // 6.1
        ("PROCMAP_QUERY", "PROCMAP_QUERY"),    // 6.11; its flags are an enumeration, which no #ifdef finds
        ("procmap_query", "PROCMAP_QUERY"),
    ];

    public static IReadOnlyList<AbiAssertion> Constants { get; } =
        [.. typeof(Uapi).GetFields(Fields).Select(static field => Equal(field.Name, field.Name, field.GetValue(null)!))];

    public static IReadOnlyList<AbiAssertion> Errors { get; } =
        [.. typeof(Errno).GetFields(Fields).Where(static field => field is { IsStatic: true, FieldType.Name: nameof(Errno), Name: not nameof(Errno.None) })
            .Select(static field => Equal(field.Name, field.Name, ((Errno)field.GetValue(null)!).Value))];

    public static IReadOnlyList<AbiAssertion> SyscallNumbers { get; } =
        [.. typeof(SyscallNumber).GetFields(Fields).Select(static field => Equal(field.Name, $"__NR_{field.Name}", field.GetValue(null)!))];

    /// <summary>Types that have the kernel's names, in lower case, have its layout.</summary>
    public static IReadOnlyList<AbiAssertion> Structs { get; } =
        [.. typeof(Uapi).Assembly.GetTypes()
            .Where(static type => type.Namespace == typeof(Uapi).Namespace && type is { IsValueType: true, IsNested: false } && char.IsAsciiLetterLower(type.Name[0]))
            .SelectMany(Of)];

    public static IEnumerable<AbiAssertion> All => [.. Constants, .. Errors, .. SyscallNumbers, .. Structs];

    /// <summary>Size, and offset and size of each field.</summary>
    public static IEnumerable<AbiAssertion> Of(Type type)
    {
        yield return Equal(type.Name, $"sizeof(struct {type.Name})", Marshal.SizeOf(type));
        foreach (FieldInfo field in type.GetFields(Fields))
        {
            string name = $"{type.Name}.{field.Name}";
            yield return Equal(name, $"offsetof(struct {type.Name}, {field.Name})", (long)Marshal.OffsetOf(type, field.Name));
            yield return Equal(name, $"sizeof(((struct {type.Name} *)0)->{field.Name})", Marshal.SizeOf(field.FieldType.IsPointer ? typeof(nint) : field.FieldType));
        }
    }

    private static AbiAssertion Equal(string name, string expression, object value)
    {
        string suffix = value is uint or ulong ? "ULL" : "LL";
        string number = ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
        string? guard = Newer.FirstOrDefault(newer => name.StartsWith(newer.Prefix, StringComparison.Ordinal)).Guard;
        return new AbiAssertion(name, $"({expression}) == {number}{suffix}", guard);
    }
}
