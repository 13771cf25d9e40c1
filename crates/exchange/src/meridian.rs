//! Response curves of Meridian, as datasets (`.nc`) and as sheets (`.csv`).
//!
//! `Analyzer.response_curves()` gives, for multiples of what was spent, the
//! incremental outcome over the model's whole window, with an interval. The mean
//! is kept as a table of points.

use indexmap::IndexMap;
use outlay_scenario::library::{LibraryCurve, LibraryFile, Observed};
use outlay_scenario::spec::{CurveSpec, Outcome};
use outlay_table::{Table, Wanted};

use crate::error::ImportError;
use crate::format::{Format, Imported, Options, Source};
use crate::netcdf::{Netcdf, is_hdf5};

const DATASET: &str = "Meridian response curves (.nc)";
const SHEET: &str = "Meridian response curves (.csv)";

/// Response curves as a dataset.
pub(crate) struct Dataset;

/// Response curves as a sheet.
pub(crate) struct Sheet;

/// The spends that Meridian's optimizer arrived at (`optimized_data` or
/// `nonoptimized_data` as `.nc`), by channel; `None` for other files.
///
/// # Errors
/// What the file lacks.
pub fn optimized(bytes: &[u8]) -> Option<Result<Vec<(String, f64)>, ImportError>> {
    const NAME: &str = "Meridian optimization results (.nc)";
    let file = is_hdf5(bytes).then(|| Netcdf::open(bytes, NAME).ok())??;
    let own = file.has("spend") && file.has("incremental_outcome") && !file.has("spend_multiplier");
    own.then(|| {
        let (channels, spends) = (file.texts("channel")?, file.array("spend")?.values);
        if channels.len() != spends.len() {
            return Err(file.broken(format!("{} channels have {} spends", channels.len(), spends.len())));
        }
        Ok(channels.into_iter().zip(spends).filter(|(name, _)| name != "All Channels").collect())
    })
}

/// A point of a curve: its channel, what multiple of spend it is, spend and
/// outcome over the window.
struct Point {
    channel: String,
    multiple: f64,
    spend: f64,
    outcome: f64,
}

impl Format for Dataset {
    fn name(&self) -> &'static str {
        DATASET
    }

    fn recognises(&self, source: &Source<'_>) -> bool {
        let open = || Netcdf::open(source.bytes, DATASET).ok();
        is_hdf5(source.bytes)
            && open().is_some_and(|f| f.has("spend_multiplier") && f.has("incremental_outcome"))
    }

    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let file = Netcdf::open(source.bytes, DATASET)?;
        let (channels, metrics) = (file.texts("channel")?, file.texts("metric")?);
        let multiples = file.array("spend_multiplier")?.values;
        let (spend, outcome) = (file.array("spend")?, file.array("incremental_outcome")?);
        let mean = metrics.iter().position(|m| m == "mean");
        let mean = mean.ok_or_else(|| file.broken("`metric` has no `mean`".to_owned()))?;
        let expected = [multiples.len(), channels.len(), metrics.len()];
        if spend.shape != expected[..2] || outcome.shape != expected {
            return Err(
                file.broken(format!("`incremental_outcome` is {:?}, not {expected:?}", outcome.shape))
            );
        }
        let mut points = Vec::new();
        for (m, &multiple) in multiples.iter().enumerate() {
            for (c, channel) in channels.iter().enumerate() {
                let (spend, outcome) = (spend.at(&[m, c]), outcome.at(&[m, c, mean]));
                points.push(Point { channel: channel.clone(), multiple, spend, outcome });
            }
        }
        library(DATASET, points, source)
    }
}

const COLUMNS: [&str; 5] = ["spend_multiplier", "channel", "metric", "spend", "incremental_outcome"];

fn is_curves(header: &[String]) -> bool {
    COLUMNS.iter().all(|name| header.iter().any(|h| h == name))
}

impl Format for Sheet {
    fn name(&self) -> &'static str {
        SHEET
    }

    fn recognises(&self, source: &Source<'_>) -> bool {
        let wanted = Wanted { fits: &is_curves, ..Wanted::default() };
        !is_hdf5(source.bytes) && Table::from_bytes(source.bytes, &wanted).is_ok_and(|t| is_curves(&t.header))
    }

    fn read(&self, source: &Source<'_>) -> Result<Imported, ImportError> {
        let broken = |e: outlay_table::TableError| ImportError::Broken { format: SHEET, what: e.to_string() };
        let known = |name: &str| name != "All Channels";
        let wanted = Wanted { fits: &is_curves, known: &known, ..Wanted::default() };
        let table = Table::from_bytes(source.bytes, &wanted).map_err(broken)?;
        let mut at = [0; COLUMNS.len()];
        for (index, name) in at.iter_mut().zip(COLUMNS) {
            *index = table.column(name).map_err(broken)?;
        }
        let [multiple, channel, metric, spend, outcome] = at;
        let mut points = Vec::new();
        for row in (0..table.rows.len()).filter(|&r| table.text(r, metric) == "mean") {
            let number = |column| table.number(row, column).map_err(broken);
            points.push(Point {
                channel: table.text(row, channel).to_owned(),
                multiple: number(multiple)?,
                spend: number(spend)?,
                outcome: number(outcome)?,
            });
        }
        library(SHEET, points, source)
    }
}

/// The curves: totals over the window, or per period where it is told how many
/// periods the window has.
fn library(format: &'static str, points: Vec<Point>, source: &Source<'_>) -> Result<Imported, ImportError> {
    let broken = |what| ImportError::Broken { format, what };
    let Options { periods, revenue_per_outcome, .. } = source.options;
    let count = f64::from(periods.unwrap_or(1));
    let each = revenue_per_outcome.unwrap_or(1.0);
    let mut channels: IndexMap<String, Vec<Point>> = IndexMap::new();
    for point in points.into_iter().filter(|p| p.channel != "All Channels") {
        channels.entry(point.channel.clone()).or_default().push(point);
    }
    let mut curves = Vec::new();
    let mut notes = Vec::new();
    for (name, mut points) in channels {
        points.retain(|p| p.spend > 0.0);
        points.sort_unstable_by(|a, b| a.spend.total_cmp(&b.spend));
        points.dedup_by(|a, b| a.spend == b.spend);
        let mut highest = 0.0_f64;
        let mut fell = 0.0_f64;
        let mut table = Vec::new();
        for point in &points {
            let outcome = point.outcome * each / count;
            if !outcome.is_finite() {
                return Err(broken(format!("channel `{name}` has an outcome that is no number")));
            }
            fell = fell.max(highest - outcome);
            highest = highest.max(outcome);
            table.push((point.spend / count, highest));
        }
        if fell > 1e-9 * highest {
            notes.push(format!(
                "`{name}`: the mean falls by up to {fell:.4} on the way; the curve stays level there"
            ));
        }
        let today = points.iter().find(|p| (p.multiple - 1.0).abs() < 1e-9);
        let (Some(today), Some(last)) = (today, points.last()) else {
            notes.push(format!("`{name}` has no spend, or no point at what was spent, and is left out"));
            continue;
        };
        let observed = Observed {
            periods: periods.unwrap_or(1),
            min: 0.0,
            mean: today.spend / count,
            max: last.spend / count,
        };
        curves.push(LibraryCurve {
            name,
            outcome: Outcome::Revenue,
            curve: CurveSpec::Table { points: table },
            adstock: None,
            observed: Some(observed),
            recent: Vec::new(),
            rate: None,
            marginal: None,
            quality: Default::default(),
            warnings: Vec::new(),
            draws: Vec::new(),
        });
    }
    if curves.is_empty() {
        return Err(broken("it holds no channel with spend".to_owned()));
    }
    notes.insert(
        0,
        format!(
            "{} curves, the mean of each; they come without draws, so plans come without intervals",
            curves.len()
        ),
    );
    match periods {
        None => notes.push(
            "spends and outcomes are totals over the model's whole window, taken for one horizon; --periods N and --unit week make them curves per period".to_owned(),
        ),
        Some(n) => notes.push(format!("totals over the window are divided by {n} periods")),
    }
    if revenue_per_outcome.is_none() {
        notes.push(
            "outcomes are taken for revenue; if the model's KPI counts something else, say what one is worth with --revenue-per-outcome".to_owned(),
        );
    }
    let library = LibraryFile {
        outlay: 1,
        currency: source.options.currency.clone(),
        unit: periods.and(source.options.unit.clone()),
        fitted_at: None,
        source: Some(source.name.to_owned()),
        curves,
        meeting: None,
    };
    Ok(Imported { library, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET_TEXT: &str = "spend_multiplier,channel,metric,spend,incremental_outcome
0.0,tv,mean,0.0,0.0
0.0,All Channels,mean,0.0,0.0
1.0,tv,mean,100.0,300.0
1.0,tv,ci_lo,100.0,200.0
1.0,All Channels,mean,100.0,300.0
2.0,tv,mean,200.0,400.0
";

    fn read(options: &Options) -> Result<Imported, ImportError> {
        crate::import(&Source { name: "r.csv", bytes: SHEET_TEXT.as_bytes(), options })
    }

    #[test]
    fn the_mean_is_kept_and_the_sum_of_channels_dropped() {
        let library = read(&Options::default()).unwrap().library;
        assert_eq!(library.curves.len(), 1);
        assert_eq!(
            library.curves[0].curve,
            CurveSpec::Table { points: vec![(100.0, 300.0), (200.0, 400.0)] }
        );
        let options = Options {
            periods: Some(10),
            unit: Some("week".into()),
            revenue_per_outcome: Some(2.0),
            ..Options::default()
        };
        let library = read(&options).unwrap().library;
        assert_eq!(library.curves[0].curve, CurveSpec::Table { points: vec![(10.0, 60.0), (20.0, 80.0)] });
        assert_eq!(library.unit.as_deref(), Some("week"));
    }

    #[test]
    fn other_files_are_told_what_would_be_read() {
        let options = Options::default();
        let refused =
            crate::import(&Source { name: "x.csv", bytes: b"date,spend\n2024-01-01,5\n", options: &options });
        assert!(matches!(refused, Err(ImportError::Unknown { .. })));
    }
}
