namespace ConsistentMadvise.Tests;

public sealed class ProcessIdentityTests
{
    [Theory]
    [InlineData(1, 2, 3, true)]
    [InlineData(1, 2, 0, true)]
    [InlineData(1, 2, 4, false)]
    [InlineData(1, 9, 3, false)]
    [InlineData(9, 2, 3, false)]
    [InlineData(1, 9, 0, false)]
    public void IsSameProcess_Other_ComparesWhatBothKnow(int pid, ulong startTime, ulong inode, bool expected)
    {
        ProcessIdentity identity = new(1, 2, 3), other = new(pid, startTime, inode);
        Assert.Equal(expected, identity.IsSameProcess(other));
        Assert.Equal(expected, other.IsSameProcess(identity));
    }
}
