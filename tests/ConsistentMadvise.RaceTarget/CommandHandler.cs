namespace ConsistentMadvise.RaceTarget;

/// <summary>Does what a command says and answers in <paramref name="reply"/> when it is done.</summary>
internal delegate void CommandHandler(ref Arguments arguments, Reply reply);
