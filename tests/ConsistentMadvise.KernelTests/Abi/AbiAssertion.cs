namespace ConsistentMadvise.KernelTests;

/// <summary>Something that we believe of the kernel's headers.</summary>
/// <param name="Name">What it is about; reported by the compiler when it does not hold.</param>
/// <param name="Condition">A constant expression in C.</param>
/// <param name="Guard">A macro of the headers that know the name; null when all that this library can run with do.</param>
internal sealed record AbiAssertion(string Name, string Condition, string? Guard = null)
{
    public string Source => Guard is null ? Statement : $"#ifdef {Guard}\n{Statement}\n#endif";

    private string Statement => $"_Static_assert({Condition}, \"{Name}\");";
}
