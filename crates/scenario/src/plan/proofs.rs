//! What searches found, from the allocator to the file and back.

use outlay_allocator::{
    Certificate, Cut, CutSide, Halt, Leaf, Options, Plan, Prices, Recorded, Restated, Solution, Status,
};

use serde::Serialize;

use crate::files::result::{Asked, CutFileSide, RowPrices, SearchFile, SearchLeaf, Source};
use crate::files::source::PROOFS;
use crate::files::texts::sha256;
use crate::plan::earned::finite;

/// Most limits a stated price may count to: a file may hold any number.
const MOST_ROWS: usize = 1 << 22;

/// Everything that was recorded.
pub(crate) fn written(recorded: Recorded) -> Vec<SearchFile> {
    let (found, halt) = recorded.found();
    let mut files: Vec<SearchFile> = found.iter().map(written_one).collect();
    if let Some(Halt { answers, asked }) = halt {
        let mut file = SearchFile {
            asked: 0.0,
            value: None,
            bound: None,
            spends: None,
            prices: Vec::new(),
            leaves: Vec::new(),
            stopped: Some(asked),
            sha256: String::new(),
        };
        file.sha256 = seal(&file);
        files.insert(answers.min(files.len()), file);
    }
    files
}

fn written_one(found: &Solution) -> SearchFile {
    let Solution { plan, certificate, .. } = found;
    let leaf = |leaf: &Leaf| SearchLeaf {
        cuts: leaf.cuts.iter().map(|c| (c.line, c.at, side(c.side))).collect(),
        prices: rows(&leaf.prices),
        empty: leaf.empty,
        step: leaf.step,
    };
    let mut file = SearchFile {
        asked: certificate.asked,
        value: plan.as_ref().and_then(|p| finite(p.value)),
        bound: finite(certificate.bound),
        spends: plan.as_ref().map(|p| p.spends.clone()),
        prices: rows(&certificate.prices),
        leaves: certificate.leaves.iter().map(leaf).collect(),
        stopped: None,
        sha256: String::new(),
    };
    file.sha256 = seal(&file);
    file
}

/// What the digits of a proof hash to.
pub(crate) fn seal(file: &SearchFile) -> String {
    hash(&SearchFile { sha256: String::new(), ..file.clone() })
}

/// First half of the SHA-256 of what a value is in JSON.
pub(crate) fn hash(value: &impl Serialize) -> String {
    let mut hash = sha256(&serde_json::to_vec(value).unwrap_or_default());
    hash.truncate(32);
    hash
}

fn rows(prices: &[Prices]) -> Vec<RowPrices> {
    let each = prices.iter().enumerate().map(|(r, p)| RowPrices(r, p.min, p.max));
    each.filter(|RowPrices(_, min, max)| *min != 0.0 || *max != 0.0).collect()
}

/// Answers that are given again as a file states them, and the place among them
/// of what says that time was up.
pub(crate) fn restated(proofs: &[SearchFile]) -> (Restated, Option<usize>) {
    let place = proofs.iter().position(|file| file.stopped.is_some());
    let halt = place.and_then(|answers| Some(Halt { answers, asked: proofs[answers].stopped? }));
    let searches = proofs.iter().enumerate().filter(|(k, _)| Some(*k) != place);
    (Restated::new(searches.map(|(_, file)| stated(file)).collect(), halt), place)
}

fn stated(file: &SearchFile) -> Solution {
    let leaf = |leaf: &SearchLeaf| Leaf {
        cuts: leaf.cuts.iter().map(|&(line, at, s)| Cut { line, at, side: cut_side(s) }).collect(),
        prices: prices(&leaf.prices),
        empty: leaf.empty,
        step: leaf.step,
    };
    let unknown = |figure: Option<f64>| figure.unwrap_or(f64::NAN);
    let certificate = Certificate {
        bound: unknown(file.bound),
        gap: f64::NAN,
        asked: file.asked,
        violation: f64::NAN,
        nodes: 0,
        prices: prices(&file.prices),
        leaves: file.leaves.iter().map(leaf).collect(),
        winner: None,
        bounds: Vec::new(),
    };
    let plan = file.spends.clone().map(|spends| Plan { spends, value: unknown(file.value) });
    Solution { status: Status::Undetermined, plan, certificate }
}

/// Prices up to the last that is stated; the others are 0.
fn prices(rows: &[RowPrices]) -> Vec<Prices> {
    let last = rows.iter().map(|row| row.0.saturating_add(1)).max().unwrap_or(0);
    if last > MOST_ROWS {
        // No problem has so many limits: a price that fits none.
        return vec![Prices { min: f64::NAN, max: f64::NAN }];
    }
    let mut all = vec![Prices::default(); last];
    for &RowPrices(row, min, max) in rows {
        all[row] = Prices { min, max };
    }
    all
}

/// What was asked of a run, as its options say.
pub(crate) fn asked(options: &Options, round: Option<f64>) -> Asked {
    let nodes = Some(options.nodes).filter(|n| *n != Options::default().nodes);
    Asked { gap: options.gap, round, nodes }
}

/// A source with what was asked of it besides the scenario.
pub(crate) fn asked_of(source: Source, asked: Asked) -> Source {
    let plain = source.set.is_empty() && asked.is_nothing();
    let question = if plain { String::new() } else { hash(&(&source.set, asked)) };
    Source { asked, question, version: env!("CARGO_PKG_VERSION").to_owned(), proofs: PROOFS, ..source }
}

/// Options as they were asked for.
pub(crate) fn options(asked: Asked) -> Options<'static> {
    let defaults = Options::default();
    Options { gap: asked.gap, nodes: asked.nodes.unwrap_or(defaults.nodes), ..defaults }
}

pub(crate) fn side(side: CutSide) -> CutFileSide {
    match side {
        CutSide::Below => CutFileSide::Below,
        CutSide::Above => CutFileSide::Above,
    }
}

pub(crate) fn cut_side(side: CutFileSide) -> CutSide {
    match side {
        CutFileSide::Below => CutSide::Below,
        CutFileSide::Above => CutSide::Above,
    }
}
