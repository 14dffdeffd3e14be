using ConsistentMadvise.Interop;

namespace ConsistentMadvise.KernelTests;

/// <summary>The Interop room's numbers and structs must be the kernel's: each becomes an assertion that the system's compiler checks.</summary>
public sealed class AbiTests
{
    [KernelFact(Needs.Compiler)]
    public void Interop_EverythingItDeclares_IsAsTheHeadersSay()
    {
        (bool isValid, string messages) = CCompiler.Check(AbiAssertions.All);

        Assert.True(isValid, messages);
    }

    [KernelFact(Needs.Compiler)]
    public void Interop_WhatNoGuardExcuses_IsReallyAsserted()
    {
        string source = CCompiler.Preprocess(AbiAssertions.All);

        string[] skipped = [.. AbiAssertions.All.Where(assertion => !source.Contains($"\"{assertion.Name}\"", StringComparison.Ordinal)).Select(static assertion => assertion.Name)];

        Assert.All(skipped, static name => Assert.Matches("(?i)^(bpf_jcond|procmap_query|pagemap_scan|page_is_|pm_scan_arg|page_region)", name));
        Assert.NotEmpty(AbiAssertions.Constants);
        Assert.NotEmpty(AbiAssertions.Errors);
        Assert.NotEmpty(AbiAssertions.SyscallNumbers);
        Assert.Contains(AbiAssertions.Structs, static assertion => assertion.Name == "procmap_query.build_id_addr");
        Assert.Contains(AbiAssertions.Structs, static assertion => assertion.Name == "bpf_attr.test.ctx_in");
        Assert.True(source.Split("_Static_assert(").Length - 1 >= AbiAssertions.All.Count() - skipped.Length, "each assertion is seen by the compiler");
    }

    [KernelTheory(Needs.Compiler)]
    [InlineData(nameof(Uapi.MADV_PAGEOUT))]
    [InlineData(nameof(Uapi.AT_FDCWD))]
    [InlineData(nameof(Uapi.PTRACE_SEIZE))]
    [InlineData(nameof(Errno.ENOSYS))]
    [InlineData(nameof(SyscallNumber.process_madvise))]
    [InlineData(nameof(SyscallNumber.wait4))]
    public void Check_OneNumberIsWrong_NamesIt(string name)
    {
        AbiAssertion right = AbiAssertions.All.Single(assertion => assertion.Name == name);

        (bool isValid, string messages) = CCompiler.Check([.. AbiAssertions.All.Except([right]), right with { Condition = right.Condition + " + 1" }]);

        Assert.False(isValid);
        Assert.Contains($"\"{name}\"", messages, StringComparison.Ordinal);
    }

    [KernelFact(Needs.Compiler)]
    public void Check_AStruct_IsRightOrNamed()
    {
        AbiAssertion[] right = [.. AbiAssertions.Of(typeof(pollfd))];
        Assert.Equal(7, right.Length);
        Assert.Equal((true, string.Empty), CCompiler.Check(right));

        for (int i = 0; i < right.Length; i++)
        {
            (bool isValid, string messages) = CCompiler.Check([right[i] with { Condition = right[i].Condition + " + 1" }]);
            Assert.False(isValid);
            Assert.Contains($"\"{right[i].Name}\"", messages, StringComparison.Ordinal);
        }
    }

    [KernelFact(Needs.Compiler)]
    public void Check_ANameThatTheHeadersLack_FailsUnlessGuarded()
    {
        AbiAssertion unknown = new("MADV_OF_TOMORROW", "MADV_OF_TOMORROW == 1");

        Assert.False(CCompiler.Check([unknown]).IsValid);
        Assert.True(CCompiler.Check([unknown with { Guard = "MADV_OF_TOMORROW" }]).IsValid);
    }
}
