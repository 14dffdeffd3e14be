namespace ConsistentMadvise.Interop;

/// <summary>Marks a type whose code runs while a target is frozen: <see cref="CompiledAhead"/> compiles it before.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
internal sealed class RunsFrozenAttribute : Attribute;
