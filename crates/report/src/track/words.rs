//! What happened, in words for finance.

use outlay_scenario::track::{TrackFile, TrackLine};

use super::measured::measure;
use super::rounded::Rounded;
use crate::blocks::Entry;
use crate::layout::visible;
use crate::number::{Kind, short, signed};
use crate::sentence::{capital, plural};

/// Outcome against plan, and why, in figures that add up.
pub fn headline(file: &TrackFile) -> String {
    let total = Rounded::new(file).total;
    let v = &file.total.variance;
    let (name, _) = measure(file);
    let measured = file.lines.iter().any(|l| l.measured > 0.0 && l.figures.spend.actual > 0.0);
    let subject = if measured {
        format!("{} so far {}", capital(name), total.actual.text)
    } else {
        format!(
            "No outcome is reported yet; of the money spent the curves expect {name} of {}",
            total.actual.text
        )
    };
    let difference = v.actual - v.plan;
    if total.difference == "0" && total.parts.iter().all(|p| p.text == "0") {
        return format!("{subject}, as planned.");
    }
    let size = total.difference.trim_start_matches(['+', '-']);
    let percent = short(Kind::Percent, Some((difference / v.plan).abs()));
    let percent = if v.plan == 0.0 { String::new() } else { format!(" ({percent})") };
    let way = match total.difference.as_str() {
        "0" => "as planned".to_owned(),
        _ if difference > 0.0 => format!("{size}{percent} more than planned"),
        _ => format!("{size}{percent} less than planned"),
    };
    let causes = causes(file, &total.parts);
    if causes.is_empty() {
        format!("{subject}, {way}.")
    } else {
        format!("{subject}, {way}: {}.", causes.join(", "))
    }
}

/// Each part that is not zero as printed.
fn causes(file: &TrackFile, parts: &[Entry; 5]) -> Vec<String> {
    let spend = &file.total.spend;
    let more_money = spend.actual > spend.to_date;
    let refitted = file.curves.is_some();
    let reason = |k: usize, more: bool| match (k, more) {
        (0, true) if more_money => "from spending more",
        (0, false) if !more_money => "from spending less",
        (0, _) => "from spending on other lines than planned",
        (1, true) => "from lower media prices",
        (1, false) => "from higher media prices",
        (2, true) => "because more of the media was valid and seen",
        (2, false) => "because less of the media was valid and seen",
        (3, true) => "because the curves are stronger than believed",
        (3, false) => "because the curves are weaker than believed",
        (_, true) if refitted => "that not even the new curves explain",
        (_, false) if refitted => "that not even the new curves explain",
        (_, true) => "than the curves expect of what was bought",
        (_, false) => "than the curves expect of what was bought",
    };
    let one = |(k, part): (usize, &Entry)| {
        let part = part.text.as_str();
        let more = part.starts_with('+');
        let size = part.trim_start_matches(['+', '-']);
        let word = if more { "more" } else { "less" };
        (part != "0").then(|| format!("{size} {word} {}", reason(k, more)))
    };
    parts.iter().enumerate().filter_map(one).collect()
}

/// What a sheet in whole cents may add up to beyond a budget, a cent a row: nobody
/// spends it. Little of the budget, for money that is written in thousands.
fn cents(file: &TrackFile, budget: f64) -> f64 {
    let rows = file.lines.len() as f64 * f64::from(file.horizon);
    (0.01 * rows).min(5e-4 * budget).max(1e-9 * budget)
}

/// Money against plan, and where it ends.
pub fn pacing(file: &TrackFile) -> String {
    let spend = &file.total.spend;
    let money = |v: f64| short(Kind::Money, Some(v));
    let pace = spend.pace().map_or(String::new(), |p| format!(" ({})", short(Kind::Percent, Some(p))));
    let mut text = format!("{} spent of {} planned so far{pace}", money(spend.actual), money(spend.to_date));
    let over = spend.projected - spend.plan;
    let small = over.abs() <= 5e-4 * spend.plan;
    text.push_str(&match () {
        () if small => format!("; at this pace the plan's {} are spent.", money(spend.plan)),
        () => {
            let word = if over > 0.0 { "more" } else { "less" };
            format!(
                "; at this pace it ends at {}, {} {word} than the plan's {}.",
                money(spend.projected),
                money(over.abs()),
                money(spend.plan)
            )
        }
    });
    let totals = &file.totals;
    if let Some(budget) = totals.budget.filter(|b| totals.cost_projected - b > cents(file, *b)) {
        text.push_str(&format!(
            " That is {} over the budget of {}.",
            money(totals.cost_projected - budget),
            money(budget)
        ));
    }
    text
}

/// What a careful reader should know about the figures.
pub fn notes(file: &TrackFile) -> Vec<String> {
    let mut notes = Vec::new();
    for line in file.lines.iter().filter(|l| !l.late.is_empty()) {
        let periods: Vec<String> = line.late.iter().map(|p| visible(p)).collect();
        let unit = file.unit.as_deref().unwrap_or("period");
        notes.push(format!(
            "Late: {} has no figures for {unit} {}; it is compared without, and projected at its own pace.",
            visible(&line.name),
            periods.join(", ")
        ));
    }
    notes.extend(file.lines.iter().filter(|l| !l.planned).map(outside));
    let unmeasured: Vec<String> = file
        .lines
        .iter()
        .filter(|l| l.planned && l.measured < 1.0 && l.figures.spend.actual > 0.0)
        .map(|l| visible(&l.name))
        .collect();
    if !unmeasured.is_empty() && unmeasured.len() < file.lines.len() {
        notes.push(format!(
            "Not measured, or not for all periods: {}; marked ~, for those the curves' expectation stands in.",
            unmeasured.join(", ")
        ));
    }
    for r in &file.revisions {
        let change = signed(Kind::Money, Some(r.after - r.before));
        notes.push(format!(
            "Revised: {}, {}: {change} against the figure before.",
            visible(&r.line),
            visible(&r.period)
        ));
    }
    let dear: Vec<&TrackLine> = file
        .lines
        .iter()
        .filter(|l| l.price.is_some_and(|p| (p.paid / p.planned - 1.0).abs() >= 0.05))
        .collect();
    if !dear.is_empty() {
        let each: Vec<String> = dear
            .iter()
            .filter_map(|l| {
                let price = l.price?;
                let change = signed(Kind::Percent, Some(price.paid / price.planned - 1.0));
                Some(format!("{} {change}", visible(&l.name)))
            })
            .collect();
        notes.push(format!(
            "Effective {} off plan: {}.",
            plural(dear.len(), "price", "prices"),
            each.join(", ")
        ));
    }
    notes
}

fn outside(line: &TrackLine) -> String {
    let spend = short(Kind::Money, Some(line.figures.spend.actual));
    let earned = match line.measured {
        m if m > 0.0 => format!(
            "what it earned ({}) counts as spending more",
            short(Kind::Money, Some(line.figures.outcome.actual))
        ),
        _ => "nothing is known of what it earned".to_owned(),
    };
    format!("Not in the plan: {}, {spend} spent; {earned}.", visible(&line.name))
}
