using System.Text.Json.Serialization;

namespace ConsistentMadvise;

/// <summary>Reads and writes <see cref="HintPlanDocument"/> without reflection. Unknown members are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 3)]
[JsonSerializable(typeof(HintPlanDocument))]
internal sealed partial class HintPlanJsonContext : JsonSerializerContext;
