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
        ("PAGEMAP_SCAN", "PAGEMAP_SCAN"),      // 6.7
        ("PAGE_IS_", "PAGEMAP_SCAN"),
        ("pm_scan_arg", "PAGEMAP_SCAN"),
        ("page_region", "PAGEMAP_SCAN"),
        ("BPF_JCOND", "BPF_JCOND"),            // 6.9
        ("PROCMAP_QUERY", "PROCMAP_QUERY"),    // 6.11; its flags are an enumeration, which no #ifdef finds
        ("procmap_query", "PROCMAP_QUERY"),
    ];

    /// <summary>Unions, of which we declare what we use; newer kernels make them longer.</summary>
    private static readonly string[] Unions = ["bpf_attr"];

    /// <summary>Bit fields, which have no offset in C.</summary>
    private static readonly string[] BitFields = ["bpf_insn.dst_reg_src_reg"];

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
        bool isUnion = Unions.Contains(type.Name);
        string outer = isUnion ? $"union {type.Name}" : $"struct {type.Name}";
        yield return Equal(type.Name, $"sizeof({outer})", Marshal.SizeOf(type), isUnion ? ">=" : "==");
        foreach (AbiAssertion field in OfFields(type, outer, string.Empty, 0))
        {
            yield return field;
        }
    }

    /// <summary>A field of a nested type is a part that has no name of its own in C, and may grow.</summary>
    private static IEnumerable<AbiAssertion> OfFields(Type type, string outer, string path, long start)
    {
        foreach (FieldInfo field in type.GetFields(Fields))
        {
            string member = path + field.Name;
            string name = $"{outer[(outer.IndexOf(' ', StringComparison.Ordinal) + 1)..]}.{member}";
            if (BitFields.Contains(name))
            {
                continue;
            }

            long offset = start + (long)Marshal.OffsetOf(type, field.Name);
            int size = Marshal.SizeOf(field.FieldType.IsPointer ? typeof(nint) : field.FieldType);
            yield return Equal(name, $"offsetof({outer}, {member})", offset);
            yield return Equal(name, $"sizeof((({outer} *)0)->{member})", size, field.FieldType.IsNested ? ">=" : "==");
            if (field.FieldType.IsNested)
            {
                foreach (AbiAssertion part in OfFields(field.FieldType, outer, member + ".", offset))
                {
                    yield return part;
                }
            }
        }
    }

    private static AbiAssertion Equal(string name, string expression, object value, string comparison = "==")
    {
        string suffix = value is uint or ulong ? "ULL" : "LL";
        string number = ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
        string? guard = Newer.FirstOrDefault(newer => name.StartsWith(newer.Prefix, StringComparison.Ordinal)).Guard;
        return new AbiAssertion(name, $"({expression}) {comparison} {number}{suffix}", guard);
    }
}
