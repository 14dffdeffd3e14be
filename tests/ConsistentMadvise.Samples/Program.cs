using ConsistentMadvise;

using ProcessTarget target = ProcessTarget.Open(int.Parse(args[0]));
LayoutSnapshot layout = await target.CaptureLayoutAsync();
HintPlan plan = HintPlan.Create(layout, Advice.PageOut, static vma => vma.IsPrivateAnonymous && vma.Length >= 64 * 1024);
HintOutcome outcome = target.Apply(plan);
Console.WriteLine(outcome); // Applied, 213909504 of 213909504 bytes
