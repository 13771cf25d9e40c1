//! Rows of a text file with separators between its cells.

/// A row of text and its number in the file, from 1.
pub(crate) type Numbered = (usize, Vec<String>);

/// Rows and the separator. Rows may be of unequal length: titles and footers
/// are shorter than the table.
pub(crate) fn rows(text: &str) -> Result<(Vec<Numbered>, u8), String> {
    if let Some(line) = long(text) {
        return Err(format!(
            "line {line} has {LONG} characters without a separator or more: this is no table"
        ));
    }
    let delimiter = delimiter(text);
    let bytes = text.as_bytes();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    // A record's position may lie on blank lines before it.
    let (mut line, mut counted) = (1, 0);
    let row = |r: Result<csv::StringRecord, csv::Error>| {
        let record = r.map_err(|error| error.to_string())?;
        let from = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let blank = |b: &&u8| matches!(**b, b'\n' | b'\r');
        let start = from + bytes.iter().skip(from).take_while(blank).count();
        line += bytes.iter().take(start).skip(counted).filter(|b| **b == b'\n').count();
        counted = start;
        Ok((line, record.iter().map(str::to_owned).collect()))
    };
    Ok((reader.records().map(row).collect::<Result<_, String>>()?, delimiter))
}

/// Most bytes between two separators: more than any spreadsheet holds in a cell.
const LONG: usize = 100_000;

/// The line of a cell that no table has.
fn long(text: &str) -> Option<usize> {
    let ends = |b: u8| matches!(b, b',' | b';' | b'\t' | b'|' | b'\n' | b'\r');
    let (mut from, mut line) = (0, 1);
    for (at, byte) in text.bytes().enumerate() {
        if at - from > LONG {
            return Some(line);
        }
        if ends(byte) {
            from = at + 1;
        }
        line += usize::from(byte == b'\n');
    }
    None
}

/// The separator that makes most rows equally long: tab, semicolon, bar or
/// comma.
pub(crate) fn delimiter(text: &str) -> u8 {
    const SAMPLE: usize = 400;
    let score = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut widths: Vec<usize> =
            reader.records().take(SAMPLE).filter_map(|r| Some(r.ok()?.len())).filter(|w| *w > 1).collect();
        widths.sort_unstable();
        let runs = widths.chunk_by(|a, b| a == b);
        runs.map(|run| run.len() * (run[0] - 1)).max().unwrap_or(0)
    };
    let found = [b',', b'|', b';', b'\t'].map(|d| (score(d), d));
    // Of equal scores the later: a comma may stand in numbers and names.
    found.into_iter().max_by_key(|(score, _)| *score).filter(|(score, _)| *score > 0).map_or(b',', |(_, d)| d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_what_makes_a_table() {
        assert_eq!(delimiter("a,b\n1,2\n"), b',');
        assert_eq!(delimiter("a;b;c\n01.03.2024;1,5;2,5\n02.03.2024;1,5;2,5\n"), b';');
        assert_eq!(delimiter("Report, of 5 May\na\tb\n1,5\t2\n1,7\t3\n"), b'\t');
        assert_eq!(delimiter("only one column\n1\n"), b',');
    }

    #[test]
    fn a_cell_beyond_any_spreadsheet_is_told_by_its_line() {
        let text = format!("a,b\n1,{}\n", "9".repeat(200_000));
        let told = rows(&text).unwrap_err();
        assert!(told.starts_with("line 2 has") && told.len() < 200, "{told}");
        assert!(rows(&format!("a,b\n1,{}\n", "9".repeat(90_000))).is_ok());
    }

    #[test]
    fn lines_are_counted_over_blank_and_quoted_ones() {
        let (rows, _) = rows("a,b\n\n\"x\ny\",2\n\n3,4\n").unwrap();
        let numbers: Vec<usize> = rows.iter().map(|r| r.0).collect();
        assert_eq!(numbers, [1, 3, 6]);
    }
}
