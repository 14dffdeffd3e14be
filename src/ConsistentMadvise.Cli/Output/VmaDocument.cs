using System.Globalization;

namespace ConsistentMadvise.Cli;

/// <summary>A VMA in JSON.</summary>
/// <param name="Start">Hexadecimal, as maps prints it.</param>
/// <param name="End">Hexadecimal, as maps prints it.</param>
/// <param name="Permissions">As <c>rw-p</c>.</param>
/// <param name="Offset">Into the file, in bytes.</param>
/// <param name="Device">Major and minor in hexadecimal, as maps prints them.</param>
/// <param name="Inode">0 when there is no file.</param>
/// <param name="Path">Empty when there is no name; bytes that are not UTF-8 are U+FFFD.</param>
internal sealed record VmaDocument(string Start, string End, string Permissions, ulong Offset, string Device, ulong Inode, string Path)
{
    public static VmaDocument Of(Vma vma) => new(
        Address(vma.Start),
        Address(vma.End),
        vma.GetPermissionText(),
        vma.Offset,
        DeviceText(vma),
        vma.Inode,
        vma.GetName());

    public static string Address(ulong address) => address.ToString("x8", CultureInfo.InvariantCulture);

    public static string DeviceText(Vma vma) => string.Create(CultureInfo.InvariantCulture, $"{vma.DeviceMajor:x2}:{vma.DeviceMinor:x2}");
}
