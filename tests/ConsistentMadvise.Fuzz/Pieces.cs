namespace ConsistentMadvise.Fuzz;

/// <summary>Where reads end.</summary>
internal static class Pieces
{
    /// <summary>Cuts a text for <see cref="TextDescriptor.OfPieces"/>; a short one often in two, so that the cut comes to every place.</summary>
    public static List<int> Cut(int length, Random random)
    {
        if (length is > 1 and <= TextDescriptor.MaxPieceBytes && random.Next(2) == 0)
        {
            int first = random.Next(1, length);
            return [first, length - first];
        }

        int longest = random.Next(Math.Min(2 * length / TextDescriptor.MaxPieces, TextDescriptor.MaxPieceBytes - 1) + 1, TextDescriptor.MaxPieceBytes + 1);
        List<int> pieces = [];
        for (int left = length; left > 0; left -= pieces[^1])
        {
            // What is left must fit into the pieces that are left.
            int least = Math.Max(1, left - (TextDescriptor.MaxPieces - pieces.Count - 1) * longest);
            pieces.Add(random.Next(Math.Min(least, longest), Math.Min(longest, left) + 1));
        }

        return pieces;
    }
}
