namespace ConsistentMadvise.RaceTarget;

/// <summary>The machine code of <see cref="MachineCode"/>, x86-64.</summary>
internal static class X64Code
{
    /// <summary>Where <see cref="Handler"/> wants the address of its context.</summary>
    public const int HandlerContextAt = 3;

    /// <summary><c>void handler(int)</c>: one <c>mmap(2)</c> as its <see cref="HandlerContext"/> says. Safe in a signal handler, and on several threads at once.</summary>
    public static ReadOnlySpan<byte> Handler =>
    [
        0x53,                                       // push rbx
        0x48, 0xBB, 0, 0, 0, 0, 0, 0, 0, 0,         // mov  rbx, context
        0x48, 0x8B, 0x43, 0x08,                     // mov  rax, [rbx+8]
        0xF0, 0x48, 0x0F, 0xC1, 0x03,               // lock xadd [rbx], rax
        0x48, 0x89, 0xC7,                           // mov  rdi, rax
        0x48, 0x8B, 0x73, 0x10,                     // mov  rsi, [rbx+16]
        0x48, 0x8B, 0x53, 0x18,                     // mov  rdx, [rbx+24]
        0x4C, 0x8B, 0x53, 0x20,                     // mov  r10, [rbx+32]
        0x49, 0xC7, 0xC0, 0xFF, 0xFF, 0xFF, 0xFF,   // mov  r8, -1
        0x45, 0x31, 0xC9,                           // xor  r9d, r9d
        0xB8, 0x09, 0x00, 0x00, 0x00,               // mov  eax, 9             mmap
        0x0F, 0x05,                                 // syscall
        0x48, 0x3D, 0x01, 0xF0, 0xFF, 0xFF,         // cmp  rax, -4095
        0x73, 0x07,                                 // jae  refused
        0xF0, 0x48, 0xFF, 0x43, 0x28,               // lock inc qword [rbx+40]
        0x5B,                                       // pop  rbx
        0xC3,                                       // ret
                                                    // refused:
        0xF0, 0x48, 0xFF, 0x43, 0x30,               // lock inc qword [rbx+48]
        0x5B,                                       // pop  rbx
        0xC3,                                       // ret
    ];

    /// <summary><c>long clone_script(flags, stack, ScriptCall *script)</c>, which answers the new process id or a negative errno.</summary>
    public static ReadOnlySpan<byte> Script =>
    [
        0x53,                               // push rbx
        0x48, 0x89, 0xD3,                   // mov  rbx, rdx           script, which clone keeps in the child
        0x31, 0xD2,                         // xor  edx, edx           no parent_tid
        0x45, 0x31, 0xD2,                   // xor  r10d, r10d         no child_tid
        0x45, 0x31, 0xC0,                   // xor  r8d, r8d           no tls
        0xB8, 0x38, 0x00, 0x00, 0x00,       // mov  eax, 56            clone
        0x0F, 0x05,                         // syscall
        0x48, 0x85, 0xC0,                   // test rax, rax
        0x74, 0x02,                         // jz   next
        0x5B,                               // pop  rbx
        0xC3,                               // ret
                                            // next:
        0x48, 0x8B, 0x03,                   // mov  rax, [rbx]
        0x48, 0x85, 0xC0,                   // test rax, rax
        0x78, 0x23,                         // js   end
        0x48, 0x8B, 0x7B, 0x08,             // mov  rdi, [rbx+8]
        0x48, 0x8B, 0x73, 0x10,             // mov  rsi, [rbx+16]
        0x48, 0x8B, 0x53, 0x18,             // mov  rdx, [rbx+24]
        0x4C, 0x8B, 0x53, 0x20,             // mov  r10, [rbx+32]
        0x4C, 0x8B, 0x43, 0x28,             // mov  r8,  [rbx+40]
        0x4C, 0x8B, 0x4B, 0x30,             // mov  r9,  [rbx+48]
        0x0F, 0x05,                         // syscall
        0x48, 0x89, 0x03,                   // mov  [rbx], rax
        0x48, 0x83, 0xC3, 0x38,             // add  rbx, 56
        0xEB, 0xD5,                         // jmp  next
                                            // end:
        0x31, 0xFF,                         // xor  edi, edi
        0xB8, 0xE7, 0x00, 0x00, 0x00,       // mov  eax, 231           exit_group
        0x0F, 0x05,                         // syscall
    ];
}
