using System.Buffers.Text;
using ConsistentMadvise.Interop;

namespace ConsistentMadvise;

/// <summary>The maximum number of lines of a maps text: a process that maps faster than it is read would keep the reader busy for ever.</summary>
/// <remarks>
/// Twice the VMAs that the process can have: a text is not atomic, and may show new mappings along with removed ones. With the kernel's sequence,
/// the count comes with it, and is read again before a text is given up, since a process may grow. Without it, the count is <c>vm.max_map_count</c>, which may
/// have been raised and lowered since: a layout of more than twice as many is then refused. One of more than <see cref="Most"/> is read only with the sequence.
/// </remarks>
/// <param name="target">The process.</param>
[RunsFrozen]
internal sealed class LineLimit(ProcessTarget target)
{
    /// <summary>This many records take 200 MB; the kernel spends four times as much on the VMAs.</summary>
    private const int Most = 4 * 1024 * 1024;

    /// <summary>A lower bound: a small process may map many at a time.</summary>
    private const int Slack = 4096;

    private long _allowed = Slack;

    /// <summary>Throws if there are too many.</summary>
    /// <param name="lines">The lines read so far.</param>
    /// <exception cref="TargetException"><see cref="TargetError.LayoutOutrunsReader"/>.</exception>
    public void Check(int lines)
    {
        if (IsExceeded(lines))
        {
            throw new TargetException(target.Pid, TargetError.LayoutOutrunsReader);
        }
    }

    /// <summary>Whether there are too many. Allocates nothing.</summary>
    /// <param name="lines">The lines read so far.</param>
    public bool IsExceeded(int lines)
    {
        if (lines <= _allowed)
        {
            return false;
        }

        _allowed = SequenceReader.Shared.TryRead(target, out SequenceReading now) ? 2L * now.VmaCount + Slack : Math.Min(2L * ReadMaxMapCount() + Slack, Most);
        return lines > _allowed;
    }

    private static int ReadMaxMapCount()
    {
        Span<byte> text = stackalloc byte[32];
        return KernelText.Read("/proc/sys/vm/max_map_count\0"u8, text, out int length).Ok && Utf8Parser.TryParse(text[..length], out int count, out _)
            ? count
            : Most;
    }
}
