//! Rows that are the sums of others: totals that are not called so.

use crate::cell::may_be_total;
use crate::number::is_missing;
use crate::row::{Row, Why};
use crate::sheet::{Kind, Sheet};

/// Most figures looked at, so that a long table stays a matter of moments.
const MOST: usize = 20_000_000;
/// How far, relative, a total may be from the sum when its row has no name, or
/// one that speaks of totals: people round them.
const ROUNDED: f64 = 1e-3;

/// Why a row may be a sum.
#[derive(Clone, Copy, PartialEq)]
enum Hint {
    /// It has no name.
    Nameless,
    /// Its name speaks of totals, and of something else.
    Named,
    /// Its name is none of those that the table is about.
    Unknown,
}

/// Marks the rows that hold nothing but sums of others.
pub(crate) fn mark(sheet: &Sheet<'_>, rows: &[Row], why: &mut [Option<Why>], closed: bool) {
    let hints: Vec<Option<Hint>> = rows
        .iter()
        .zip(&*why)
        .map(|(row, w)| if w.is_some() { None } else { hint(sheet, row, closed) })
        .collect();
    let numbers: Vec<usize> = sheet.columns(Kind::Number).collect();
    let candidates: Vec<usize> = (0..rows.len()).filter(|&i| hints[i].is_some()).collect();
    let looked_at = candidates.len().saturating_mul(rows.len()).saturating_mul(numbers.len());
    if candidates.is_empty() || candidates.len() == rows.len() || looked_at > MOST {
        return;
    }
    let values: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| numbers.iter().map(|&c| sheet.number(row, c).unwrap_or(0.0)).collect())
        .collect();
    let usable: Vec<bool> = (0..rows.len()).map(|i| why[i].is_none() && hints[i].is_none()).collect();
    let mut table = Sums { sheet, rows, values, usable };
    // What turns out to be data belongs to the sums of others.
    for _ in 0..2 {
        for &i in &candidates {
            if why[i].is_none() && hints[i].is_some_and(|hint| table.is_sum(i, hint)) {
                why[i] = Some(Why::Total);
            }
        }
        table.usable = why.iter().map(Option::is_none).collect();
    }
}

fn hint(sheet: &Sheet<'_>, row: &Row, closed: bool) -> Option<Hint> {
    let text = |c: usize| row.cell(c);
    let mut labels = sheet.columns(Kind::Text).peekable();
    let named = labels.peek().is_some();
    let nameless = labels.all(|c| is_missing(text(c)));
    if nameless && (named || sheet.columns(Kind::Date).any(|c| is_missing(text(c)))) {
        return Some(Hint::Nameless);
    }
    let labels: Vec<&str> = sheet.columns(Kind::Text).map(text).filter(|t| !is_missing(t)).collect();
    if labels.iter().any(|l| (sheet.known)(l)) {
        return None;
    }
    if labels.iter().any(|l| may_be_total(l)) {
        return Some(Hint::Named);
    }
    (closed && !labels.is_empty()).then_some(Hint::Unknown)
}

struct Sums<'a> {
    sheet: &'a Sheet<'a>,
    rows: &'a [Row],
    /// By row, what its columns of numbers hold.
    values: Vec<Vec<f64>>,
    /// Rows that are surely data.
    usable: Vec<bool>,
}

impl Sums<'_> {
    fn is_sum(&self, at: usize, hint: Hint) -> bool {
        let dated = self.sheet.columns(Kind::Date).any(|c| !is_missing(self.rows[at].cell(c)));
        // A name may be left out because it is that of the row above.
        let merged = dated || self.sheet.columns(Kind::Text).next().is_none();
        let least = if hint == Hint::Unknown || (hint == Hint::Nameless && merged) { 2 } else { 1 };
        let all = (0..self.rows.len()).filter(|&i| i != at && self.usable[i]);
        if self.adds_up(at, all, least, hint) || self.group(at, least, hint) {
            return true;
        }
        if hint == Hint::Nameless && dated {
            return false;
        }
        let above = (0..at).rev().take_while(|&i| self.usable[i]);
        let below = (at + 1..self.rows.len()).take_while(|&i| self.usable[i]);
        self.run_adds_up(at, above, least, hint) || self.run_adds_up(at, below, least, hint)
    }

    /// Rows that share a text or a date with this one, or that its name speaks of.
    fn group(&self, at: usize, least: usize, hint: Hint) -> bool {
        let labels = || self.sheet.columns(Kind::Text).chain(self.sheet.columns(Kind::Date));
        let own: Vec<String> =
            labels().map(|c| self.rows[at].cell(c).to_lowercase()).filter(|t| !is_missing(t)).collect();
        labels().any(|c| {
            let mut keys: Vec<String> = Vec::new();
            for (i, row) in self.rows.iter().enumerate() {
                let key = row.cell(c).to_lowercase();
                let meant = || own.iter().any(|o| *o == key || speaks_of(o, &key));
                if i != at && self.usable[i] && !is_missing(&key) && !keys.contains(&key) && meant() {
                    keys.push(key);
                }
            }
            keys.iter().any(|key| {
                let members = (0..self.rows.len())
                    .filter(|&i| i != at && self.usable[i] && self.rows[i].cell(c).to_lowercase() == *key);
                self.adds_up(at, members, least, hint)
            })
        })
    }

    fn adds_up(&self, at: usize, of: impl Iterator<Item = usize>, least: usize, hint: Hint) -> bool {
        let mut sum = vec![0.0; self.values[at].len()];
        let mut count = 0;
        for i in of {
            sum.iter_mut().zip(&self.values[i]).for_each(|(s, v)| *s += v);
            count += 1;
        }
        count >= least && self.agrees(at, &sum, count, hint)
    }

    /// Whether the first rows of a run, however many, add up to this one.
    fn run_adds_up(&self, at: usize, run: impl Iterator<Item = usize>, least: usize, hint: Hint) -> bool {
        let mut sum = vec![0.0; self.values[at].len()];
        for (count, i) in (1..).zip(run) {
            sum.iter_mut().zip(&self.values[i]).for_each(|(s, v)| *s += v);
            if count >= least && self.agrees(at, &sum, count, hint) {
                return true;
            }
        }
        false
    }

    /// Prices and returns are no sums; two sums by chance are none either.
    fn agrees(&self, at: usize, sum: &[f64], count: usize, hint: Hint) -> bool {
        let near = |value: f64| match hint {
            Hint::Unknown => 1e-9 * value.abs() + 0.005 * (count as f64 + 1.0),
            Hint::Nameless | Hint::Named => ROUNDED * value.abs(),
        };
        let seen = || self.values[at].iter().zip(sum).filter(|(value, _)| **value != 0.0);
        let alike = seen().filter(|(value, sum)| (**value - **sum).abs() <= near(**value)).count();
        let seen = seen().count();
        match hint {
            Hint::Nameless => alike >= 2 || (alike > 0 && 2 * alike >= seen),
            // A name may be that of something, and one row alone adds up to itself:
            // of a single one every figure must be the same.
            Hint::Named | Hint::Unknown => {
                alike > 0 && (alike == seen || (count > 1 && alike >= 2 && 2 * alike >= seen))
            }
        }
    }
}

/// Whether the name of a total speaks of what a group is called.
fn speaks_of(label: &str, key: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let (label, key) = (words(label), words(key));
    !key.is_empty() && label.len() > key.len() && label.windows(key.len()).any(|w| w == key)
}

#[cfg(test)]
mod tests {
    use crate::{Table, Wanted};

    /// The rows of a table that are data, by their number, with and without names.
    fn data(text: &str, known: Option<&[&str]>) -> Vec<usize> {
        let named = |name: &str| known.is_some_and(|all| all.contains(&name));
        let wanted = Wanted { known: &named, closed: known.is_some(), ..Wanted::default() };
        let table = Table::from_bytes(text.as_bytes(), &wanted).expect("a table");
        table.rows.iter().map(|row| row.number).collect()
    }

    #[test]
    fn sums_are_no_data_whatever_they_are_called() {
        let rows = |total: &str, at: usize| {
            let mut rows = vec!["TV,2026-01-05,100,10", "TV,2026-01-12,110,12", "Search,2026-01-05,50,7"];
            rows.insert(at, total);
            format!("line,period,budget,spend\n{}\n", rows.join("\n"))
        };
        for name in ["", "Total TV", "TV subtotal", "Gesamt TV", "All lines", "Sum of TV", "Total Week 1"] {
            let open = rows(&format!("{name},,210,22"), 2);
            assert_eq!(data(&open, None), [2, 3, 5], "{name}");
        }
        for (total, at) in [
            ("Everything,,260,29", 3),
            ("Everything,,260,29", 0),
            ("Europe,,210,22", 2),
            ("Europe,2026-01-05,150,17", 3),
        ] {
            let closed = rows(total, at);
            assert_eq!(data(&closed, Some(&["TV", "Search"])).len(), 3, "{total}");
            assert_eq!(data(&closed, None).len(), 4, "{total}");
        }
        // Two totals, one within the other; and a line outside the plan within both.
        let nested =
            "line,budget,spend\nTV,100,10\nRadio,30,5\nAll media,130,15\nSearch,50,7\nEverything,180,22\n";
        assert_eq!(data(nested, Some(&["TV", "Search"])), [2, 3, 5]);
    }

    #[test]
    fn data_that_looks_like_a_sum_stays() {
        let other = "line,budget,spend\nTV,100,10\nSearch,50,7\nTotal Wine,150,40\nOverall,90,12\n";
        assert_eq!(data(other, Some(&["TV", "Search"])), [2, 3, 4, 5]);
        let own = "line,budget,spend\nTV,100,10\nSearch,50,7\nAll media,150,17\n";
        assert_eq!(data(own, Some(&["TV", "Search", "All media"])), [2, 3, 4]);
        // One name for several rows, of which two are alike.
        let merged = "line,period,budget,spend\nTV,2026-01-05,100,10\n,2026-01-12,100,10\n,2026-01-19,90,9\n";
        assert_eq!(data(merged, None), [2, 3, 4]);
        let sum_by_chance = "line,spend\nTV,10\nSearch,20\nSocial,30\n";
        assert_eq!(data(sum_by_chance, None), [2, 3, 4]);
    }

    #[test]
    fn a_campaign_that_shares_figures_with_the_one_above_is_no_total() {
        let text = "campaign,cost,impressions,clicks,conversions,value\n\
                    Generic,2000.44,20000,700,30,8000\n\
                    All year round,120,20000,700,30,800\n\
                    All,2120.44,40000,1400,60,8800\n";
        assert_eq!(data(text, None), [2, 3]);
        // The same figures throughout may be those of a group of one.
        let text = "campaign,cost,clicks\nTV A,10,7\nSearch A,2000.44,700\nSearch in all,2000.44,700\n";
        assert_eq!(data(text, None), [2, 3]);
    }
}
