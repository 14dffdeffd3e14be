namespace ConsistentMadvise;

/// <summary>Why a text is not a <see cref="VmaFilter"/>.</summary>
/// <param name="Position">The position of the mistake in the text, from 0; the text's length if something is missing at its end.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
public sealed record VmaFilterError(int Position, string Message);
