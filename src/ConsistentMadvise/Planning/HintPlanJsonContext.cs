using System.Text.Json.Serialization;

namespace ConsistentMadvise;

/// <summary>Reading and writing of <see cref="HintPlanDocument"/> without reflection. Reading refuses what the document does not have.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 3)]
[JsonSerializable(typeof(HintPlanDocument))]
internal sealed partial class HintPlanJsonContext : JsonSerializerContext;
