using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class SpecialMappingTests
{
    [Theory]
    [InlineData("[vdso]")]
    [InlineData("[vvar]")]
    [InlineData("[vvar_vclock]")]
    [InlineData("[vsyscall]")]
    [InlineData("[uprobes]")]
    [InlineData("[sigpage]")]
    [InlineData("[vectors]")]
    [InlineData("/dev/mem")]
    [InlineData("/dev/dri/card0")]
    [InlineData("/dev/nvidia0")]
    [InlineData("anon_inode:[io_uring]")]
    [InlineData("anon_inode:[perf_event]")]
    [InlineData("socket:[36128]")]
    [InlineData("/[aio] (deleted)")]
    [InlineData("/dmabuf:")]
    [InlineData("/sys/devices/pci0000:00/0000:00:02.0/resource2")]
    [InlineData("/proc/bus/pci/00/02.0")]
    public void Is_KernelsOwnOrDevice_True(string name) => Assert.True(SpecialMapping.Is(Encoding.UTF8.GetBytes(name)));

    [Theory]
    [InlineData("")]
    [InlineData("[heap]")]
    [InlineData("[stack]")]
    [InlineData("[anon:[vdso]]")]
    [InlineData("[anon_shmem:x]")]
    [InlineData("/[vdso]")]
    [InlineData("/home/dev/x")]
    [InlineData("/dev/zero")]
    [InlineData("/dev/zero (deleted)")]
    [InlineData("/dev/shm/x")]
    [InlineData("/dev/hugepages/x")]
    [InlineData("/device")]
    [InlineData("/system/x")]
    [InlineData("/srv/socket:[1]")]
    [InlineData("/home/[aio]")]
    [InlineData("/memfd:anon_inode: (deleted)")]
    [InlineData("/SYSV00000000 (deleted)")]
    public void Is_MemoryOfTheProcess_False(string name) => Assert.False(SpecialMapping.Is(Encoding.UTF8.GetBytes(name)));

    [Fact]
    public void Is_NamesOfAProcess_FindsExactlyTheKernelsOwn() =>
        Assert.Equal(
            ["[vdso]", "[vsyscall]", "[vvar]", "[vvar_vclock]", "anon_inode:[io_uring]"],
            TestLayout.FromText(TestLayout.Fixture("hostile")).Where(static vma => vma.IsSpecial).Select(static vma => vma.GetName()).Order(StringComparer.Ordinal));
}
