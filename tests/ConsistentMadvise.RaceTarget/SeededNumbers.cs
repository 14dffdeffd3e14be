namespace ConsistentMadvise.RaceTarget;

/// <summary>Numbers that look random and that a seed replays: xorshift, which allocates nothing.</summary>
internal struct SeededNumbers(ulong seed)
{
    private ulong _state = (seed * 0x9E37_79B9_7F4A_7C15) | 1;   // it would stay at zero for ever

    public ulong Next()
    {
        _state ^= _state << 13;
        _state ^= _state >> 7;
        _state ^= _state << 17;
        return _state;
    }
}
