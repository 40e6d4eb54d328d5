//! Numbers of bytes as a person writes them: `64 KiB`.

/// The units, and how many bytes each is. `K`, `KB` and `M` are left out: people do not agree on what they mean.
const UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// Reads a number of bytes, such as `16384`, `64 KiB` or `20MiB`.
///
/// Fails with what is wrong.
pub(super) fn read(text: &str) -> Result<usize, &'static str> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
    let unit = UNITS.iter().find(|(name, _)| *name == unit.trim_start()).ok_or("not a size")?.1;
    if number.is_empty() {
        return Err("not a size");
    }
    let bytes = number.parse().ok().and_then(|number: u64| number.checked_mul(unit));
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or("more than a machine holds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_or_without_a_unit() {
        for (text, bytes) in [
            ("0", Ok(0)),
            ("16384", Ok(16_384)),
            ("64 KiB", Ok(65_536)),
            ("20MiB", Ok(20 << 20)),
            (" 1 GiB ", Ok(1 << 30)),
            ("3kB", Ok(3_000)),
            ("7 B", Ok(7)),
            ("", Err("not a size")),
            ("KiB", Err("not a size")),
            ("64 K", Err("not a size")),
            ("64 KB", Err("not a size")),
            ("-1", Err("not a size")),
            ("1.5 MiB", Err("not a size")),
            ("99999999999999999999", Err("more than a machine holds")),
            ("18446744073709551615 GiB", Err("more than a machine holds")),
        ] {
            assert_eq!(read(text), bytes, "{text:?}");
        }
    }
}
