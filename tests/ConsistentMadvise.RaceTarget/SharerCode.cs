namespace ConsistentMadvise.RaceTarget;

/// <summary>
/// The machine code of a process that shares the target's address space. It cannot be managed: it would use the stack, the thread
/// record and the locks of the thread that made it. It only reads requests, does them and writes their results.
/// </summary>
internal static class SharerCode
{
    /// <summary>
    /// x86-64: <c>long start(flags, stack, pid_t *parent_tid, SharerContext *context)</c>, which answers the new process id or a negative errno.
    /// </summary>
    public static ReadOnlySpan<byte> X64 =>
    [
        0x53,                               // push rbx
        0x48, 0x89, 0xCB,                   // mov  rbx, rcx           context, which clone keeps in the child
        0x45, 0x31, 0xD2,                   // xor  r10d, r10d         no child_tid
        0x45, 0x31, 0xC0,                   // xor  r8d, r8d           no tls
        0xB8, 0x38, 0x00, 0x00, 0x00,       // mov  eax, 56            clone
        0x0F, 0x05,                         // syscall
        0x48, 0x85, 0xC0,                   // test rax, rax
        0x74, 0x02,                         // jz   serve
        0x5B,                               // pop  rbx
        0xC3,                               // ret
                                            // serve:
        0x8B, 0x3B,                         // mov  edi, [rbx]         request descriptor
        0x48, 0x8D, 0x73, 0x08,             // lea  rsi, [rbx+8]
        0xBA, 0x38, 0x00, 0x00, 0x00,       // mov  edx, 56            seven words
        0x31, 0xC0,                         // xor  eax, eax           read
        0x0F, 0x05,                         // syscall
        0x48, 0x83, 0xF8, 0x38,             // cmp  rax, 56
        0x75, 0x37,                         // jne  end
        0x48, 0x8B, 0x43, 0x08,             // mov  rax, [rbx+8]
        0x48, 0x8B, 0x7B, 0x10,             // mov  rdi, [rbx+16]
        0x48, 0x8B, 0x73, 0x18,             // mov  rsi, [rbx+24]
        0x48, 0x8B, 0x53, 0x20,             // mov  rdx, [rbx+32]
        0x4C, 0x8B, 0x53, 0x28,             // mov  r10, [rbx+40]
        0x4C, 0x8B, 0x43, 0x30,             // mov  r8,  [rbx+48]
        0x4C, 0x8B, 0x4B, 0x38,             // mov  r9,  [rbx+56]
        0x0F, 0x05,                         // syscall
        0x48, 0x89, 0x43, 0x40,             // mov  [rbx+64], rax
        0x8B, 0x7B, 0x04,                   // mov  edi, [rbx+4]       reply descriptor
        0x48, 0x8D, 0x73, 0x40,             // lea  rsi, [rbx+64]
        0xBA, 0x08, 0x00, 0x00, 0x00,       // mov  edx, 8
        0xB8, 0x01, 0x00, 0x00, 0x00,       // mov  eax, 1             write
        0x0F, 0x05,                         // syscall
        0xEB, 0xB4,                         // jmp  serve
                                            // end:
        0x31, 0xFF,                         // xor  edi, edi
        0xB8, 0xE7, 0x00, 0x00, 0x00,       // mov  eax, 231           exit_group
        0x0F, 0x05,                         // syscall
    ];
}
