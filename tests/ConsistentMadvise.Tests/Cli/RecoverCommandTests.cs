using ConsistentMadvise.Cli;

namespace ConsistentMadvise.Tests.Cli;

/// <summary>What a script learns from a recovery.</summary>
public sealed class RecoverCommandTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0, RecoveryStatus.Thawed, RecoveryStatus.ThawedByGuard, RecoveryStatus.AlreadyRunning, RecoveryStatus.TargetExited, RecoveryStatus.OwnerAlive)]
    [InlineData(1, RecoveryStatus.Thawed, RecoveryStatus.Failed, RecoveryStatus.OtherNamespace)]
    [InlineData(5, RecoveryStatus.Thawed, RecoveryStatus.OtherNamespace)]
    public void CodeOf_WhatWasFound_Is0WhenNothingIsLeft(int code, params RecoveryStatus[] found) =>
        Assert.Equal(code, RecoverCommand.CodeOf([.. found.Select(static status => new RecoveredFreeze(status, default, 1))]));
}
