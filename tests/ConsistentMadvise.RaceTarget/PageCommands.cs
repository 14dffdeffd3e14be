using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ConsistentMadvise.RaceTarget;

/// <summary>Commands about the pages of mappings, which leave the VMAs alone.</summary>
internal static class PageCommands
{
    // asm-generic/mman-common.h, Linux 5.14
    private const int MADV_POPULATE_READ = 22;
    private const int MADV_POPULATE_WRITE = 23;

    private const ulong Present = 1UL << 63;
    private const ulong Swapped = 1UL << 62;

    private static readonly ulong[] Entries = new ulong[4096];

    /// <summary><c>touch ADDRESS PAGES</c> - writes to each page.</summary>
    public static void Touch(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (arguments.Accepted(reply))
        {
            // Asked of the kernel first: it answers with an error where a store would kill this process.
            int errno = Native.Advise(address, length, MADV_POPULATE_WRITE);
            if (errno == 0)
            {
                Memory.Fill(address, length);
            }

            reply.From(errno, "touch"u8);
        }
    }

    /// <summary><c>read ADDRESS PAGES</c> - reads each page.</summary>
    public static void Read(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (arguments.Accepted(reply))
        {
            int errno = Native.Advise(address, length, MADV_POPULATE_READ);
            if (errno == 0)
            {
                Memory.Read(address, length);
            }

            reply.From(errno, "read"u8);
        }
    }

    /// <summary><c>madvise ADDRESS PAGES ADVICE</c> - the target's own advice, by number.</summary>
    public static void Advise(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        long advice = arguments.Number();
        if (arguments.Accepted(reply))
        {
            reply.From(Native.Advise(address, length, (int)advice), "madvise"u8);
        }
    }

    /// <summary><c>mlock ADDRESS PAGES</c></summary>
    public static void Lock(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (arguments.Accepted(reply))
        {
            reply.From(Native.Lock(address, length), "mlock"u8);
        }
    }

    /// <summary><c>resident ADDRESS PAGES</c> - answers how many pages are present and how many swapped, by pagemap (<c>proc_pid_pagemap(5)</c>).</summary>
    public static void Resident(ref Arguments arguments, Reply reply)
    {
        ulong address = arguments.Address();
        ulong length = arguments.Pages();
        if (!arguments.Accepted(reply))
        {
            return;
        }

        // By the thread: /proc/self is the thread-group leader, which has no memory once it has exited.
        if (Native.Open("/proc/thread-self/pagemap\0"u8, LibC.O_RDONLY, out int pagemap) is int refused and not 0)
        {
            reply.Error(refused, "pagemap"u8);
            return;
        }

        long present = 0;
        long swapped = 0;
        int errno = 0;
        for (ulong page = address / Native.PageSize, end = page + (length / Native.PageSize); page < end;)
        {
            Span<ulong> wanted = Entries.AsSpan(0, (int)Math.Min(end - page, (ulong)Entries.Length));
            errno = Native.ReadAt(pagemap, MemoryMarshal.AsBytes(wanted), page * sizeof(ulong), out int count);
            if (errno != 0 || count == 0)
            {
                break;
            }

            foreach (ulong entry in wanted[..(count / sizeof(ulong))])
            {
                present += (entry & Present) != 0 ? 1 : 0;
                swapped += (entry & Swapped) != 0 ? 1 : 0;
            }

            page += (ulong)count / sizeof(ulong);
        }

        _ = Native.Close(pagemap);
        if (errno == 0)
        {
            reply.Ok().Number(present).Number(swapped);
        }
        else
        {
            reply.Error(errno, "pagemap"u8);
        }
    }
}
