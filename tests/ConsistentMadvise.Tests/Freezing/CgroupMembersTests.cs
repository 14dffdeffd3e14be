using System.Text;

namespace ConsistentMadvise.Tests;

public sealed class CgroupMembersTests
{
    [Theory]
    [InlineData("17\n", true, false)]
    [InlineData("4\n17\n5\n", true, false)]
    [InlineData("17\n17\n4\n", true, false)]     // the list may name one twice
    [InlineData("4\n5\n", false, false)]
    [InlineData("", false, false)]
    [InlineData("17\n6\n", true, true)]
    [InlineData("117\n", false, true)]
    [InlineData("17\n0\n", true, true)]         // a process of an outer pid namespace
    public void Members_TargetAndTwoSharers_AreToldFromOthers(string text, bool holdsTarget, bool hasOthers)
    {
        CgroupMembers members = new(Encoding.ASCII.GetBytes(text));

        Assert.Equal(holdsTarget, members.Contains(17));
        Assert.Equal(hasOthers, members.HasOthers(17, [4, 5]));
    }
}
