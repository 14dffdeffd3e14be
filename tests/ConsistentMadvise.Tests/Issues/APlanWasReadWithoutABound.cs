using System.Diagnostics;
using ConsistentMadvise.Tests.Cli;

namespace ConsistentMadvise.Tests;

/// <summary><c>apply --plan /dev/zero</c> read until the memory was full (3.9 GB). A plan is read up to the length that a plan can have.</summary>
public sealed class APlanWasReadWithoutABound
{
    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/urandom")]
    public async Task Apply_DeviceWithoutEnd_IsRefusedAfterItsBeginning(string device)
    {
        ToolRun run = await ToolRun.OfAsync("apply", "--plan", device);

        Assert.Equal(2, run.Code);
        Assert.Contains($"The content of '{device}' is not a plan", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_PipeWithoutEnd_IsReadNoFurtherThanItsBeginning()
    {
        const int Bound = 8 << 20;
        string pipe = await MakePipeAsync();
        Task<long> writing = Task.Run(() => WriteUntilTheReaderIsGone(pipe, 4 * Bound));

        ToolRun run = await ToolRun.OfAsync("apply", "--plan", pipe);

        File.Delete(pipe);
        Assert.Equal(2, run.Code);
        Assert.InRange(await writing, 1, Bound);
    }

    [Fact]
    public async Task Apply_FileThatBeginsAsAPlanAndDoesNotEnd_IsRefusedAtTheBound()
    {
        string file = Path.GetTempFileName();
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.Write("{ "u8);
            stream.SetLength(64L << 30); // a hole: it takes no room
        }

        ToolRun run = await ToolRun.OfAsync("apply", "--plan", file);

        File.Delete(file);
        Assert.Equal(2, run.Code);
        Assert.Contains($"it is longer than {HintPlan.MaxJsonLength} bytes", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF \n")]
    public async Task Apply_PlanThroughANamedPipe_IsRead(string before)
    {
        string pipe = await MakePipeAsync();
        string json = HintPlan.Create(TestLayout.Of("00010000-00020000 rw-p 00000000 00:00 0 "), Advice.Cold, VmaFilter.All).ToJson();
        Task<ToolRun> run = ToolRun.OfAsync("apply", "4243", "--plan", pipe);
        await File.WriteAllTextAsync(pipe, before + json);

        File.Delete(pipe);
        Assert.Equal("The plan was made for process 4242, not for 4243.\n", (await run).Error);
    }

    [Fact]
    public void TryFromUtf8Json_BytesOverTheBound_SaysSo()
    {
        Assert.False(HintPlan.TryFromUtf8Json(new byte[HintPlan.MaxJsonLength + 1], out _, out string? reason));
        Assert.Contains("longer than", reason, StringComparison.Ordinal);
    }

    private static async Task<string> MakePipeAsync()
    {
        string pipe = Path.Combine(Path.GetTempPath(), $"cm-plan-{Path.GetRandomFileName()}");
        using Process mkfifo = Process.Start("mkfifo", [pipe]);
        await mkfifo.WaitForExitAsync();
        return pipe;
    }

    private static long WriteUntilTheReaderIsGone(string pipe, long most)
    {
        using FileStream stream = new(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        long written = 0;
        try
        {
            for (byte[] zeros = new byte[4096]; written < most; written += zeros.Length)
            {
                stream.Write(zeros);
            }
        }
        catch (IOException)
        {
            return written; // EPIPE
        }

        return written;
    }
}
