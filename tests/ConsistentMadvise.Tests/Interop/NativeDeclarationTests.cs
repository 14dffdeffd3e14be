using System.Reflection;
using System.Runtime.InteropServices;

namespace ConsistentMadvise.Tests;

public sealed partial class NativeDeclarationTests
{
    [Fact]
    public void Library_NativeDeclarations_AreInInteropOnly() =>
        Assert.All(Find(typeof(ProcessTarget).Assembly), static method => Assert.Equal("ConsistentMadvise.Interop", Outermost(method).Namespace));

    /// <remarks>The control: what is declared here is found.</remarks>
    [Fact]
    public void Find_DeclarationInATypeWithin_IsFound() =>
        Assert.Contains(Find(typeof(NativeDeclarationTests).Assembly), static method => Outermost(method) == typeof(NativeDeclarationTests));

    private static IEnumerable<MethodInfo> Find(Assembly assembly) =>
        assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(static method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl));

    private static Type Outermost(MethodInfo method)
    {
        Type type = method.DeclaringType!;
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type;
    }

    private static partial class Declared
    {
        [LibraryImport("libc")]
        internal static partial int getppid();
    }
}
