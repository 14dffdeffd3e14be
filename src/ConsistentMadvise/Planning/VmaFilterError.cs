namespace ConsistentMadvise;

/// <summary>Why a text is not a <see cref="VmaFilter"/>.</summary>
/// <param name="Position">Where in the text the mistake is, in characters from 0; the text's length when something is missing at its end.</param>
/// <param name="Message">What is wrong, and what to write instead.</param>
public sealed record VmaFilterError(int Position, string Message);
