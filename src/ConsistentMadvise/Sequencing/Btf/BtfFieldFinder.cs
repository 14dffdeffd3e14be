using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>Finds members by their names, including those of nested anonymous structures and unions, and resolves their types.</summary>
internal ref struct BtfFieldFinder(Btf btf)
{
    /// <summary>The maximum nesting, and the maximum length of a typedef chain. The kernel's own limit is 32.</summary>
    private const int MaxDepth = 32;

    /// <summary>The maximum number of members one search visits. <c>task_struct</c> has 300; forged types could nest without end.</summary>
    private const int MaxMembers = 64 * 1024;

    private readonly Btf _btf = btf;
    private int _left;

    /// <summary>Finds a member that is not a bit field.</summary>
    public bool TryFind(uint structure, ReadOnlySpan<byte> name, out BtfField field)
    {
        _left = MaxMembers;
        field = default;
        return TryFind(structure, name, 0, MaxDepth, ref field) && field.Offset is >= 0 and <= short.MaxValue;
    }

    /// <summary>Strips <c>typedef</c>, <c>const</c>, <c>volatile</c>, <c>restrict</c> and tags from a type.</summary>
    public readonly bool TryResolve(uint id, out BtfType type)
    {
        for (int depth = 0; depth < MaxDepth && _btf.TryRead(id, out type); depth++)
        {
            if (type.Kind is not (Uapi.BTF_KIND_TYPEDEF or Uapi.BTF_KIND_CONST or Uapi.BTF_KIND_VOLATILE or Uapi.BTF_KIND_RESTRICT or Uapi.BTF_KIND_TYPE_TAG))
            {
                return true;
            }

            id = type.SizeOrType;
        }

        type = default;
        return false;
    }

    private bool TryFind(uint structure, ReadOnlySpan<byte> name, ulong bits, int depth, ref BtfField field)
    {
        if (depth == 0 || !TryResolve(structure, out BtfType type) || type.Kind is not (Uapi.BTF_KIND_STRUCT or Uapi.BTF_KIND_UNION))
        {
            return false;
        }

        for (int i = 0; i < type.Count; i++)
        {
            if (_left-- <= 0)
            {
                return false;
            }

            _btf.ReadMember(in type, i, out uint memberName, out uint memberType, out uint place);
            bool isBitField = type.Flag && place >> 24 != 0;
            ulong at = bits + (type.Flag ? place & 0xff_ffff : place);
            if (memberName != 0 ? _btf.HasName(memberName, name) : TryFind(memberType, name, at, depth - 1, ref field))
            {
                if (memberName != 0)
                {
                    // An offset that is not a whole byte, or does not fit, is refused.
                    field = new BtfField(isBitField || at % 8 != 0 || at / 8 > int.MaxValue ? -1 : (int)(at / 8), memberType);
                }

                return true;
            }
        }

        return false;
    }
}
