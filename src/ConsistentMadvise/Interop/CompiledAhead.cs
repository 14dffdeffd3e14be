using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace ConsistentMadvise.Interop;

/// <summary>Has the runtime compile methods before they are called.</summary>
internal static class CompiledAhead
{
    private const DynamicallyAccessedMemberTypes Methods = DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    /// <summary>Compiles all methods that a type declares; does nothing under native AOT.</summary>
    public static void Prepare([DynamicallyAccessedMembers(Methods)] Type type)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        if (!RuntimeFeature.IsDynamicCodeCompiled)
        {
            return;
        }

        foreach (MethodInfo method in type.GetMethods(Declared))
        {
            if (!method.IsAbstract)
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }
}
