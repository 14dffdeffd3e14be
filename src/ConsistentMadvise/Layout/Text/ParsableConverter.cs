using System.ComponentModel;
using System.Globalization;

namespace ConsistentMadvise;

/// <summary>Converts text to an <see cref="IParsable{TSelf}"/>. Without a converter the configuration binder silently leaves the value at its default.</summary>
internal sealed class ParsableConverter<T> : TypeConverter
    where T : IParsable<T>
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? T.Parse(text, culture) : base.ConvertFrom(context, culture, value);
}
