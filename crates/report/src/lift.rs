//! What `lift` shows: the lift, what a unit of spend returned, the checks, and
//! the row that a fit takes.

use outlay_scenario::history::{PanelFile, Role};
use outlay_scenario::lifted::{Interval, LiftFile, LiftRow, LiftWarning};

use crate::csv;
use crate::layout::{Align, Grid, visible, wrap};
use crate::number::{Kind, full, short, signed};
use crate::table::Page;

/// A test on a terminal.
pub fn table(file: &LiftFile, page: Page) -> String {
    let kind = if file.customers { Kind::Count } else { Kind::Money };
    let level = short(Kind::Percent, Some(file.lift.level));
    let mut text = format!("Test from {} to {}\n", file.start, file.end);
    let markets = |n: usize| if n == 1 { "1 market".to_owned() } else { format!("{n} markets") };
    let who = format!(
        "{} treated, {} of the outcome, against {}.",
        markets(file.treated.len()),
        short(Kind::Percent, Some(file.share)),
        markets(file.control.len()),
    );
    paragraph(&mut text, &who, page);
    text.push('\n');
    paragraph(&mut text, &headline(file, kind), page);
    text.push('\n');
    let interval = |kind: Kind, e: &Interval| {
        [signed(kind, Some(e.value)), signed(kind, Some(e.low)), signed(kind, Some(e.high))]
    };
    let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right]);
    grid.row(["", "estimate", &format!("{level} from"), "to"]);
    let row = |grid: &mut Grid, name: &str, cells: [String; 3]| {
        grid.row([name.to_owned()].into_iter().chain(cells));
    };
    row(&mut grid, "Lift", interval(kind, &file.lift));
    row(&mut grid, "relative", interval(Kind::Percent, &relative(&file.lift, file.counterfactual)));
    if let Some(iroas) = &file.iroas {
        let name = if file.customers { "customers per unit of spend" } else { "iROAS" };
        row(&mut grid, name, interval(Kind::Ratio, iroas));
    }
    lines(&mut text, &grid, page);
    text.push('\n');
    let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
    let unit = if file.unit == "day" { "week from" } else { "period from" };
    grid.row([unit, "earned", "lift", &format!("{level} from"), "to"]);
    for period in &file.periods {
        let [value, low, high] = interval(kind, &period.lift);
        grid.row([period.start.clone(), short(kind, Some(period.earned)), value, low, high]);
    }
    lines(&mut text, &grid, page);
    text.push('\n');
    for sentence in checks(file, kind) {
        paragraph(&mut text, &sentence, page);
    }
    for warning in &file.warnings {
        paragraph(&mut text, &format!("Warning: {}", words(warning)), page);
    }
    if let Some(row) = &file.row {
        text.push('\n');
        let national = "The row for `outlay fit --lift-tests`, in national terms: spend per period of all markets, change and lift divided by the treated share, the standard error with 5% of the lift for what other markets would have done differently.";
        paragraph(&mut text, national, page);
        csv(row).lines().for_each(|line| text.extend(["  ", line, "\n"]));
    }
    text
}

/// The row for `fit --lift-tests`, with its heading.
pub fn csv(row: &LiftRow) -> String {
    let LiftRow { start, end, spend, delta_spend, lift, standard_error, .. } = row;
    let cells = [
        csv::text(&row.channel),
        start.clone(),
        end.clone(),
        format!("{spend:.2}"),
        format!("{delta_spend:.2}"),
        format!("{lift:.2}"),
        format!("{standard_error:.2}"),
    ];
    format!("channel,start,end,spend,delta_spend,lift,standard_error\n{}", csv::record(cells))
}

/// The columns of a panel and what they were taken for.
pub fn columns(file: &PanelFile) -> String {
    let (first, last) = (file.dates.first(), file.dates.last());
    let dates = first.zip(last).map_or(String::new(), |(a, b)| format!(" from {a} to {b}"));
    let named = |wanted: &dyn Fn(&Role) -> bool| {
        let all: Vec<String> =
            file.columns.iter().filter(|(_, role)| wanted(role)).map(|(name, _)| visible(name)).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(" + ") }
    };
    format!(
        "{} markets, {} {}s{dates}; market: {}, outcome: {}, spend: {}\n",
        file.panel.markets.len(),
        file.dates.len(),
        file.unit.name(),
        named(&|r| *r == Role::Market),
        named(&|r| matches!(r, Role::Outcome { .. })),
        named(&|r| matches!(r, Role::Spend { .. })),
    )
}

fn headline(file: &LiftFile, kind: Kind) -> String {
    let change = file.spend.map(|s| s.spent - s.expected);
    let spent = match change {
        Some(c) if c >= 0.0 => format!(" for {} more spend", short(Kind::Money, Some(c))),
        Some(c) => format!(" for {} less spend", short(Kind::Money, Some(-c))),
        None => String::new(),
    };
    let lift = &file.lift;
    let what = if file.customers { "customers" } else { "outcome" };
    let verdict = if lift.low > 0.0 {
        "The test raised the outcome."
    } else if lift.high < 0.0 {
        "The test lowered the outcome."
    } else {
        "The test cannot tell the effect from nothing."
    };
    format!(
        "{verdict} {} {what}, {}{spent}.",
        signed(kind, Some(lift.value)),
        signed(Kind::Percent, Some(lift.value / file.counterfactual)),
    )
}

fn relative(lift: &Interval, base: f64) -> Interval {
    Interval { value: lift.value / base, low: lift.low / base, high: lift.high / base, ..*lift }
}

fn checks(file: &LiftFile, kind: Kind) -> Vec<String> {
    let placebo = &file.placebo;
    let tests = if placebo.windows == 0 {
        "Too little time before the test for a test of nothing (A/A test).".to_owned()
    } else {
        format!(
            "Tests of nothing (A/A tests) before it: {} of {} intervals hold 0; what they showed is {} of the outcome off (root mean square).",
            placebo.covered,
            placebo.windows,
            short(Kind::Percent, Some(placebo.error)),
        )
    };
    let side = if file.cross_check.inside { "inside" } else { "outside" };
    let second = format!(
        "Synthetic control, a second method: {}, {side} the interval.",
        signed(kind, Some(file.cross_check.value))
    );
    vec![tests, second]
}

/// A warning in words.
pub fn words(warning: &LiftWarning) -> String {
    let percent = |v: f64| short(Kind::Percent, Some(v.abs()));
    let named = |markets: &[String]| {
        let all: Vec<String> = markets.iter().take(5).map(|m| visible(m)).collect();
        let more = markets.len().saturating_sub(5);
        if more > 0 { format!("{} and {more} more", all.join(", ")) } else { all.join(", ") }
    };
    match warning {
        LiftWarning::Zeros { markets, periods } => format!(
            "{} without outcome in some periods ({periods} in all). If these are missing figures and no zeros, leave the markets out.",
            named(markets)
        ),
        LiftWarning::ShortBefore { periods } => format!(
            "only {periods} periods before the test: 12 and more are needed to know how far markets move apart by themselves."
        ),
        LiftWarning::Dominant { market, share } => format!(
            "{} makes up {} of the treated outcome: the test is read from one market.",
            visible(market),
            percent(*share)
        ),
        LiftWarning::Contaminated { markets, lifts } => {
            let least = lifts.iter().fold(f64::INFINITY, |m, l| m.min(l.abs()));
            format!(
                "controls moved in the test as they never did before ({}, by {} and more): the test may have reached them, or something else did. Look at them, or leave them out with --exclude.",
                named(markets),
                percent(least)
            )
        }
        LiftWarning::ControlSpend { change } => format!(
            "spend in the control markets {} by {} in the test: the lift is that of the difference only.",
            if *change > 0.0 { "rose" } else { "fell" },
            percent(*change)
        ),
        LiftWarning::SpendStill { change } => format!(
            "spend of the treated markets moved by {} only: check the dates and the treated markets.",
            percent(*change)
        ),
        LiftWarning::Incomplete { markets } => {
            format!("{} left out: they have no row in some periods.", named(markets))
        }
        LiftWarning::CrossCheck { value } => format!(
            "synthetic control says {}, outside the interval: something in the panel is not what either method takes it for.",
            signed(Kind::Count, Some(*value))
        ),
        LiftWarning::Placebo { windows, covered } => format!(
            "only {covered} of {windows} tests of nothing hold 0: the interval claims more than these markets keep."
        ),
        LiftWarning::CutLimited { asked } => format!(
            "the treated markets spend more per outcome than the others: their cut stands for {} less a period nationally, more than is spent; the row says all of it.",
            full(asked.abs(), 0)
        ),
    }
}

fn paragraph(text: &mut String, sentence: &str, page: Page) {
    for line in wrap(sentence, page.width, 0) {
        text.extend([line.as_str(), "\n"]);
    }
}

fn lines(text: &mut String, grid: &Grid, page: Page) {
    for line in grid.lines(page.width) {
        text.extend([line.as_str(), "\n"]);
    }
}
