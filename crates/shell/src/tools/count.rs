//! Numbers with suffixes, as `head -c 1K` and its kin take them.

/// Reads `10`, `1k`, `1K`, `2M`, `1KB`, `3b`.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, suffix) = text.split_at(end);
    let number: u64 = if digits.is_empty() { return None } else { digits.parse().ok()? };
    let factor: u64 = match suffix {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1000,
        "M" | "m" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "G" | "g" | "GiB" => 1 << 30,
        "GB" => 1_000_000_000,
        "T" | "TiB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// Writes a size as `ls -h` does: powers of 1024 with one digit if below ten.
pub(crate) fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let mut unit = 1024_u64;
    for suffix in ["K", "M", "G", "T", "P"] {
        // Rounded up, as GNU's tools do.
        let tenths = (bytes.saturating_mul(10)).div_ceil(unit);
        if tenths < 100 {
            return format!("{}.{}{suffix}", tenths / 10, tenths % 10);
        }
        let whole = bytes.div_ceil(unit);
        if whole < 1024 {
            return format!("{whole}{suffix}");
        }
        unit = unit.saturating_mul(1024);
    }
    format!("{}E", bytes >> 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse("2K"), Some(2048));
        assert_eq!(parse("x"), None);
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (10_240, "10K"),
            (1_048_576, "1.0M"),
        ] {
            assert_eq!(human(bytes), text);
        }
    }
}
