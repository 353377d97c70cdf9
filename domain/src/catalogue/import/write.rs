//! Cells of a catalogue file as text that comes back as it was. UTF-8 with the mark by which spreadsheets know it.

/// The mark that spreadsheets know UTF-8 by.
pub(super) const MARK: &str = "\u{feff}";

/// A cell, quoted where it must be, and guarded where a spreadsheet would take it for a formula. A text that looks
/// guarded is guarded once more, so that exactly it comes back.
pub(super) fn cell(text: &str) -> String {
    let is_formula = text.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
        && text.parse::<i64>().map_or(true, |number| number.to_string() != text);
    let guarded = if is_formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::super::unguarded;
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_comes_back() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            ("+86 470", "'+86 470"),
            ("+5", "'+5"),
            ("-5", "-5"),
            ("-05", "'-05"),
            ("@x", "'@x"),
            ("'引号'", "'引号'"),
            ("'083", "'083"),
            ("a=b", "a=b"),
        ] {
            assert_eq!((cell(text).as_str(), unguarded(written)), (written, text));
        }
        assert_eq!(cell("一,\"二\"\n三"), "\"一,\"\"二\"\"\n三\"");
    }
}
