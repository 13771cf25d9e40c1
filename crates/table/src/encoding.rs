//! Bytes to text: UTF-8, UTF-16 and the Windows code page of Western Europe.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// The text of a file, and its encoding where that is not UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> (String, Option<&'static str>) {
    let encoding = Encoding::for_bom(bytes).map_or_else(|| guess(bytes), |(encoding, _)| encoding);
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    let told = match encoding.name() {
        "UTF-8" => None,
        "windows-1252" => Some("Windows-1252 (Latin-1)"),
        other => Some(other),
    };
    (text.into_owned(), told)
}

/// Without a byte order mark: zeros in every other byte are UTF-16, whatever
/// is no UTF-8 is the code page that Excel writes in Western Europe.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let sample = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| sample.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = sample.len() / 2;
    if half > 1 && zeros(1) * 10 > half * 7 {
        UTF_16LE
    } else if half > 1 && zeros(0) * 10 > half * 7 {
        UTF_16BE
    } else if std::str::from_utf8(bytes).is_ok() {
        UTF_8
    } else {
        WINDOWS_1252
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_whatever_its_encoding() {
        let text = "Maß;Größe €\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked = |mark: &[u8], rest: &[u8]| [mark, rest].concat();
        let cases = [
            (text.as_bytes().to_vec(), None),
            (marked(b"\xef\xbb\xbf", text.as_bytes()), None),
            (marked(b"\xff\xfe", &le), Some("UTF-16LE")),
            (marked(b"\xfe\xff", &be), Some("UTF-16BE")),
            (le, Some("UTF-16LE")),
            (be, Some("UTF-16BE")),
            (b"Ma\xdf;Gr\xf6\xdfe \x80\n".to_vec(), Some("Windows-1252 (Latin-1)")),
        ];
        for (bytes, told) in cases {
            assert_eq!(decode(&bytes), (text.to_owned(), told));
        }
    }
}
