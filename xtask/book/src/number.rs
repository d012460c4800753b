//! Numbers in the text: computed by the code, rounded as the text asks.

use std::collections::BTreeMap;

/// An `f64` has no more digits to show.
const MAX_DIGITS: usize = 17;

/// `NAME FORMAT`: the number in one of the forms `.3` (three decimals), `.2e` (three digits and
/// a power of ten), or `.0%` (per cent).
pub fn rounded(
    numbers: &BTreeMap<String, f64>,
    arguments: &str,
) -> Result<String, String> {
    let (name, format) = arguments
        .split_once(' ')
        .ok_or_else(|| format!("'{arguments}' is not of the form NAME FORMAT"))?;
    let value = *numbers.get(name).ok_or_else(|| {
        let known: Vec<&str> = numbers.keys().map(String::as_str).collect();
        format!("there is no number '{name}'; expected one of {}", known.join(", "))
    })?;
    let unknown =
        || format!("unknown format '{format}'; expected one such as .3, .2e or .0%");
    let digits = format.strip_prefix('.').ok_or_else(unknown)?;
    let (digits, unit) = match digits.find(|character: char| !character.is_ascii_digit())
    {
        Some(end) => digits.split_at(end),
        None => (digits, ""),
    };
    let digits: usize = digits.parse().map_err(|_| unknown())?;
    if digits > MAX_DIGITS {
        return Err(format!("'{format}' asks for over {MAX_DIGITS} digits"));
    }
    match unit {
        "" => Ok(format!("{value:.digits$}")),
        "%" => Ok(format!("{:.digits$}\u{a0}%", 100.0 * value)),
        "e" => Ok(format!("{value:.digits$e}")),
        _ => Err(unknown()),
    }
}
