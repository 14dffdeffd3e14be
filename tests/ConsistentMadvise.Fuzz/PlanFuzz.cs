using System.Text.Json.Nodes;

namespace ConsistentMadvise.Fuzz;

/// <summary><see cref="HintPlan.TryFromJson"/>: whatever is taken holds the rules of plans, and is what it would write itself, but for spaces and order.</summary>
internal static class PlanFuzz
{
    public static void Check(ReadOnlySpan<byte> input)
    {
        string json = InputText.Of(input);
        bool isPlan = HintPlan.TryFromJson(json, out HintPlan? plan, out string? reason);
        Oracle.Same(isPlan, plan is not null && reason is null);
        if (reason is not null)
        {
            Oracle.Holds(reason.Length > 0);
            Oracle.Throws<FormatException>(() => HintPlan.FromJson(json));
            return;
        }

        PlanRules.Check(plan!);
        Oracle.Holds(plan!.Layout is null && plan.Advice != default && plan.Vmas.Length <= plan.Token.VmaCount);
        Oracle.Holds(!plan.Token.IsDefault || plan.Ranges.Count == 0);

        string canonical = plan.ToJson();
        Oracle.Holds(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(canonical)));
        HintPlan again = HintPlan.FromJson(canonical);
        Oracle.Same(canonical, again.ToJson());
        Oracle.Same((plan.Advice, plan.Token, plan.Bytes, plan.CreatedAt, plan.ExpiresAt), (again.Advice, again.Token, again.Bytes, again.CreatedAt, again.ExpiresAt));
        Oracle.Holds(plan.RangeArray.AsSpan().SequenceEqual(again.RangeArray) && plan.Vmas.AsSpan().SequenceEqual(again.Vmas));
    }
}
