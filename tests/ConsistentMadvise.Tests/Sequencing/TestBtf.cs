using System.Buffers.Binary;
using System.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise.Tests;

/// <summary>Writes type information by hand. Types get their ids in the order in which they are added, from 1.</summary>
internal sealed class TestBtf
{
    private readonly List<byte> _types = [];
    private readonly List<byte> _strings = [0];
    private uint _count;

    /// <summary>What a kernel's BTF says about the two structures, as Linux 6.18 for x86-64 has it: all that is embedded, pointers cut.</summary>
    public static byte[] Kernel { get; } = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "linux-6.18.btf"));

    public uint Int(string name, uint bytes) => Add(name, Uapi.BTF_KIND_INT, 0, bytes, bytes * 8);

    public uint Pointer(uint to = 0) => Add("", Uapi.BTF_KIND_PTR, 0, to);

    public uint Alias(string name, uint of, uint kind = Uapi.BTF_KIND_TYPEDEF) => Add(name, kind, 0, of);

    public uint Function(string name) => Add(name, Uapi.BTF_KIND_FUNC, 0, 0);

    public uint Struct(string name, params (string Name, uint Type, uint Place)[] members) => Aggregate(Uapi.BTF_KIND_STRUCT, name, false, members);

    public uint Union(string name, params (string Name, uint Type, uint Place)[] members) => Aggregate(Uapi.BTF_KIND_UNION, name, false, members);

    /// <summary>A structure whose members' places have the width of a bit field in their upper byte.</summary>
    public uint StructWithBitFields(string name, params (string Name, uint Type, uint Place)[] members) => Aggregate(Uapi.BTF_KIND_STRUCT, name, true, members);

    /// <summary>Adds a type of any kind, with the words that belong to it.</summary>
    public uint Add(string name, uint kind, int count, uint sizeOrType, params uint[] details) =>
        Add(name, kind << 24 | (uint)count, sizeOrType, details);

    public byte[] ToArray()
    {
        List<byte> data = [0x9f, 0xeb, 1, 0];
        foreach (uint word in (uint[])[24, 0, (uint)_types.Count, (uint)_types.Count, (uint)_strings.Count])
        {
            Append(data, word);
        }

        return [.. data, .. _types, .. _strings];
    }

    private uint Aggregate(uint kind, string name, bool flag, (string Name, uint Type, uint Place)[] members) => Add(
        name,
        kind << 24 | (uint)members.Length | (flag ? 1u << 31 : 0),
        4096,
        [.. members.SelectMany(member => (uint[])[String(member.Name), member.Type, member.Place])]);

    private uint Add(string name, uint info, uint sizeOrType, uint[] details)
    {
        Append(_types, String(name));
        Append(_types, info);
        Append(_types, sizeOrType);
        Array.ForEach(details, word => Append(_types, word));
        return ++_count;
    }

    private uint String(string text)
    {
        if (text.Length == 0)
        {
            return 0;
        }

        uint at = (uint)_strings.Count;
        _strings.AddRange(Encoding.ASCII.GetBytes(text + "\0"));
        return at;
    }

    private static void Append(List<byte> to, uint word)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        to.AddRange(bytes);
    }
}
