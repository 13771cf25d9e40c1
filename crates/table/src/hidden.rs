//! Characters that move, colour, turn or hide text instead of being seen.

/// Whether a character is one.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// JSON that may be printed anywhere: such characters stand only within its
/// texts, where they are written as `\u202e`, which means the same.
pub fn escaped_json(json: String) -> String {
    if is_plain(json.as_bytes()) || !json.contains(written_out) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match written_out(c) {
            true => c
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| escaped.push_str(&format!("\\u{unit:04x}"))),
            false => escaped.push(c),
        }
    }
    escaped
}

/// True for what anybody can see: printable ASCII and white space, block by block.
fn is_plain(bytes: &[u8]) -> bool {
    let seen = |b: u8| (b' '..=b'~').contains(&b) | matches!(b, b'\n' | b'\r' | b'\t');
    bytes.chunks(64).all(|block| block.iter().fold(true, |all, &b| all & seen(b)))
}

/// [`is_hidden`], less the white space of files.
fn written_out(c: char) -> bool {
    is_hidden(c) && !matches!(c, '\n' | '\r' | '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_json_means_the_same() {
        let name = "a\u{202e}b\u{9b}c\u{e0041}d\u{7f}\n\té";
        let json = format!("{{\n\t\"x\": \"{}\"\n}}", name.replace('\n', "\\n").replace('\t', "\\t"));
        let escaped = escaped_json(json.clone());
        assert_eq!(escaped.matches("\\u").count(), 5, "{escaped}");
        assert!(!escaped.contains(|c| is_hidden(c) && !matches!(c, '\n' | '\t')), "{escaped}");
        assert!(escaped.contains("\\u202e") && escaped.contains("\\udb40\\udc41"), "{escaped}");
        assert_eq!(escaped_json("{\"é\": 1}".to_owned()), "{\"é\": 1}");
        // Wherever in a long text it stands.
        for at in [0, 63, 64, 200] {
            let text = format!("{}\u{7f}{}", "x".repeat(at), "y".repeat(200));
            assert_eq!(escaped_json(text.clone()), text.replace('\u{7f}', "\\u007f"), "{at}");
        }
    }
}
