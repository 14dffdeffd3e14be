using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Snapshooter.Xunit;

namespace ConsistentMadvise.Tests;

public sealed class HintPlanJsonTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, 123, TimeSpan.FromHours(1));

    private static readonly HintPlan Plan = HintPlan.Create(
        TestLayout.Of(
            "00010000-00020000 r-xp 00000000 fe:00 7                                  /bin/x",
            "7f0000020000-7f0000030000 rw-p 00000000 00:00 0                                  [heap]",
            "7f0000030000-7f0000041000 rw-p 00000000 00:00 0 "),
        Advice.PageOut, static vma => vma.IsAnonymous, StoppedClock.PlanAt(Now));

    private static readonly string Json = Plan.ToJson();

    [Fact]
    public void ToJson_Plan_IsTheDocumentedForm() => Snapshot.Match(Json);

    [Fact]
    public void FromJson_TextOfAPlan_GivesItBackWithoutItsLayout()
    {
        HintPlan plan = HintPlan.FromJson(Json);
        Assert.Equal(Json, plan.ToJson());
        Assert.Equal((Plan.Advice, Plan.Token, Plan.Bytes, Plan.CreatedAt, Plan.ExpiresAt), (plan.Advice, plan.Token, plan.Bytes, plan.CreatedAt, plan.ExpiresAt));
        Assert.Equal(Plan.Ranges, plan.Ranges);
        Assert.Equal(Plan.Vmas, plan.Vmas);
        Assert.Equal(Plan.VmaOfRange, plan.VmaOfRange);
        Assert.Equal(TimeSpan.Zero, plan.CreatedAt.Offset);
        Assert.Null(plan.Layout);
    }

    [Fact]
    public void Utf8Json_OfAPlan_IsTheSameTextAlsoInsideADocument()
    {
        using MemoryStream document = new();
        using (Utf8JsonWriter writer = new(document))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("plan");
            Plan.WriteTo(writer);
            writer.WriteEndObject();
        }

        Assert.Equal(Json, Encoding.UTF8.GetString(Plan.ToUtf8Json()));
        Assert.Equal($"{{\"plan\":{Json}}}", Encoding.UTF8.GetString(document.ToArray()));
        Assert.Equal(Json, HintPlan.FromUtf8Json(Plan.ToUtf8Json()).ToJson());
        Assert.Throws<FormatException>(() => HintPlan.FromUtf8Json("{}"u8));
    }

    [Fact]
    public void FromJson_AnyPlan_RoundTrips() =>
        Gen.Select(TestGen.Layout, TestGen.Request, Gen.Long[0, TimeSpan.TicksPerDay]).Sample(static (layout, request, ticks) =>
        {
            AddressRange[] possible = [.. request.Where(range => HintPlan.TryCreate(layout, Advice.Cold, [range], out _, out _))];
            if (!HintPlan.TryCreate(layout, Advice.FromKernel(14), possible, StoppedClock.PlanAt(Now.AddTicks(ticks)), out HintPlan? plan, out _))
            {
                return false;
            }

            HintPlan read = HintPlan.FromJson(plan.ToJson());
            HintPlanTests.AssertInvariants(read);
            return read.ToJson() == plan.ToJson() && read.CreatedAt == plan.CreatedAt && read.Vmas.AsSpan().SequenceEqual(plan.Vmas);
        }, iter: 500);

    [Fact]
    public void TryFromJson_EveryKindOfDamage_IsRefusedWithItsReason()
    {
        StringBuilder table = new();
        Refuse("version", static plan => plan["version"] = 2);
        Refuse("version text", static plan => plan["version"] = "1");
        Refuse("advice", static plan => plan["advice"] = "dontneed");
        Refuse("advice null", static plan => plan["advice"] = null);
        Refuse("token", static plan => plan["token"] = "cm1-1-2-3");
        Refuse("token upper case", static plan => plan["token"] = plan["token"]!.GetValue<string>().ToUpperInvariant());
        Refuse("token of fewer VMAs", static plan => plan["token"] = "cm1-4242-123456-77-1-00000000000000000000000000000000");
        Refuse("time without zone", static plan => plan["createdAt"] = "2026-01-31T11:00:00");
        Refuse("time in another zone", static plan => plan["createdAt"] = "2026-01-31T11:00:00+01:00");
        Refuse("expires before creation", static plan => plan["expiresAt"] = "2026-01-31T11:00:00Z");
        Refuse("lives too long", static plan => plan["expiresAt"] = "2026-01-31T11:15:01Z");
        Refuse("bytes", static plan => plan["bytes"] = 4096);
        Refuse("bytes negative", static plan => plan["bytes"] = -1);
        Refuse("bytes fraction", static plan => plan["bytes"] = 0.5);
        Refuse("range start not aligned", static plan => plan["ranges"]![0]!["start"] = "7f0000020001");
        Refuse("range end not aligned", static plan => plan["ranges"]![0]!["end"] = "7f0000020fff");
        Refuse("range empty", static plan => plan["ranges"]![0]!["end"] = "7f0000020000");
        Refuse("range before its VMA", static plan => plan["ranges"]![0]!["start"] = "7f000001f000");
        Refuse("range past its VMA", static plan => plan["ranges"]![0]!["end"] = "7f0000031000");
        Refuse("range of another VMA", static plan => plan["ranges"]![0]!["vma"] = 1);
        Refuse("range of no VMA", static plan => plan["ranges"]![1]!["vma"] = 2);
        Refuse("range of VMA -1", static plan => plan["ranges"]![0]!["vma"] = -1);
        Refuse("range address with prefix", static plan => plan["ranges"]![0]!["start"] = "0x7f0000020000");
        Refuse("range address upper case", static plan => plan["ranges"]![0]!["start"] = "7F0000020000");
        Refuse("range address padded", static plan => plan["ranges"]![0]!["start"] = "07f0000020000");
        Refuse("range address too large", static plan => plan["ranges"]![0]!["end"] = "10000000000000000");
        Refuse("range address number", static plan => plan["ranges"]![0]!["start"] = 4096);
        Refuse("range null", static plan => plan["ranges"]![0] = null);
        Refuse("ranges null", static plan => plan["ranges"] = null);
        Refuse("ranges out of order", static plan => Swap(plan["ranges"]!.AsArray()));
        Refuse("range twice", static plan => plan["ranges"]!.AsArray().Insert(0, plan["ranges"]![0]!.DeepClone()));
        Refuse("range missing", static plan => plan["ranges"]!.AsArray().RemoveAt(1));
        Refuse("VMAs out of order", static plan => Swap(plan["vmas"]!.AsArray()));
        Refuse("VMAs overlap", static plan => plan["vmas"]![1]!["start"] = "7f000002f000");
        Refuse("VMA not aligned", static plan => plan["vmas"]![1]!["end"] = "7f0000041001");
        Refuse("VMA missing", static plan => plan["vmas"]!.AsArray().RemoveAt(1));
        Refuse("VMA null", static plan => plan["vmas"]![1] = null);
        Refuse("VMA without range", static plan => plan["vmas"]!.AsArray().Add(new JsonObject { ["start"] = "7f0000051000", ["end"] = "7f0000052000", ["line"] = new string('0', 32) }));
        Refuse("line short", static plan => plan["vmas"]![0]!["line"] = "00");
        Refuse("line upper case", static plan => plan["vmas"]![0]!["line"] = new string('A', 32));
        Refuse("unknown member", static plan => plan["force"] = true);
        Refuse("unknown member of a range", static plan => plan["ranges"]![0]!["advice"] = "cold");
        foreach (string member in new[] { "version", "advice", "token", "createdAt", "expiresAt", "bytes", "ranges", "vmas" })
        {
            Refuse(member + " missing", plan => plan.AsObject().Remove(member));
        }

        RefuseText("empty", "");
        RefuseText("null", "null");
        RefuseText("array", "[]");
        RefuseText("cut", Json[..^1]);
        RefuseText("more after it", Json + "{}");
        RefuseText("member twice", Json.Replace("\"bytes\":", "\"bytes\":0,\"bytes\":", StringComparison.Ordinal));
        RefuseText("comment", "/* */" + Json);
        RefuseText("half a character", Json.Replace("pageout", "\ud800", StringComparison.Ordinal));
        RefuseText("half an escaped character", Json.Replace("pageout", "\\ud800", StringComparison.Ordinal));
        RefuseText("deep", new string('[', 100_000));
        Snapshot.Match(table.ToString());

        void Refuse(string damage, Action<JsonNode> change)
        {
            JsonNode plan = JsonNode.Parse(Json)!;
            change(plan);
            RefuseText(damage, plan.ToJsonString());
        }

        void RefuseText(string damage, string text)
        {
            Assert.False(HintPlan.TryFromJson(text, out HintPlan? plan, out string? reason), damage);
            Assert.Null(plan);

            // What follows is the words of System.Text.Json, which change with its versions.
            const string OfJson = "it is not the JSON of a plan: ";
            table.AppendLine($"{damage}: {(reason.StartsWith(OfJson, StringComparison.Ordinal) ? OfJson + "..." : reason)}");
        }
    }

    [Theory]
    [InlineData("expiresAt", "2026-01-31T11:00:00.123Z")] // when it was created
    [InlineData("createdAt", "2026-01-31T11:00:00.1230Z")] // as no writer formats it
    [InlineData("createdAt", "2026-01-31T11:00:00.Z")]
    public void TryFromJson_ImpossibleTime_IsRefused(string member, string time)
    {
        JsonNode plan = JsonNode.Parse(Json)!;
        plan[member] = time;
        Assert.False(HintPlan.TryFromJson(plan.ToJsonString(), out _, out string? reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void TryFromJson_AnyCharacterChanged_IsRefusedOrAPlanThatHoldsTheInvariants() =>
        Gen.Select(Gen.Int[0, Json.Length - 1], Gen.OneOf(Gen.Char[' ', '~'], TestGen.OneOf('0', '1', '9', 'a', 'f', '\0', '"', ',', '-'))).Sample(static (place, c) =>
        {
            string changed = $"{Json[..place]}{c}{Json[(place + 1)..]}";
            if (HintPlan.TryFromJson(changed, out HintPlan? plan, out _))
            {
                HintPlanTests.AssertInvariants(plan);
                Assert.Equal(changed, plan.ToJson());
            }
        }, iter: 20_000);

    [Fact]
    public void FromJson_OtherText_IsRefused()
    {
        Assert.StartsWith("The text is not a hint plan: ", Assert.Throws<FormatException>(() => HintPlan.FromJson("{}")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => HintPlan.FromJson(null!));
        Assert.False(HintPlan.TryFromJson(null, out _, out string? reason));
        Assert.NotEmpty(reason);
    }

    private static void Swap(JsonArray array)
    {
        JsonNode? first = array[0];
        array.RemoveAt(0);
        array.Add(first);
    }
}
