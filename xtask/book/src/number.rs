//! Numbers in the text: computed by the code, rounded as the text asks.

use std::collections::BTreeMap;

/// `NAME FORMAT`: the number in one of the forms `.3` (three decimals), `.2e` (three
/// digits and a power of ten), or `.0%` (per cent).
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
    match unit {
        "" => Ok(grouped(&format!("{value:.digits$}"))),
        "%" => Ok(format!("{:.digits$}\u{a0}%", 100.0 * value)),
        "e" => Ok(format!("{value:.digits$e}")),
        _ => Err(unknown()),
    }
}
/// A decimal number with a comma between each three digits before the point, from 1,000
/// on.
fn grouped(number: &str) -> String {
    let end = number.find('.').unwrap_or(number.len());
    let start = usize::from(number.starts_with('-'));
    let mut grouped = number.to_owned();
    for place in (start + 1..end).rev().filter(|place| (end - place).is_multiple_of(3)) {
        grouped.insert(place, ',');
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let shown = |value: f64, format: &str| {
            let numbers = BTreeMap::from([("n".to_owned(), value)]);
            rounded(&numbers, &format!("n {format}")).unwrap()
        };
        assert_eq!(shown(41_602.0, ".0"), "41,602");
        assert_eq!(shown(1_234_567.25, ".1"), "1,234,567.2");
        assert_eq!(shown(-1000.0, ".2"), "-1,000.00");
        assert_eq!(shown(999.4, ".0"), "999");
        assert_eq!(shown(-999.0, ".0"), "-999");
        assert_eq!(shown(0.012_345, ".4"), "0.0123");
    }
}
