using System.Text.Json.Serialization;

namespace ConsistentMadvise.Cli;

/// <summary>Writes the documents without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SnapshotDocument))]
[JsonSerializable(typeof(ApplyDocument))]
[JsonSerializable(typeof(CheckDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(DemoDocument))]
[JsonSerializable(typeof(WatchDocument))]
[JsonSerializable(typeof(RecoverDocument))]
[JsonSerializable(typeof(FailureDocument))]
internal sealed partial class JsonContext : JsonSerializerContext;
