//! Every line with its figures.

use crate::html::markup::{Cell, Head, Part, Table, figures, note, words};
use crate::html::room::Room;
use crate::metric::Key;
use crate::number::{Column, Kind, signed};
use crate::sentence;
use crate::view::{LineRow, View};
use outlay_scenario::spec::Metric;

/// A column of figures that is left out where no line has them.
type Optional = (Key, &'static str, Kind, fn(&LineRow) -> Option<f64>);

const OPTIONAL: [Optional; 6] = [
    (Key::Limited(Metric::Revenue), "Revenue", Kind::Money, |l| l.revenue),
    (Key::Limited(Metric::Customers), "New customers", Kind::Count, |l| l.customers),
    (Key::Limited(Metric::Cac), "CAC", Kind::Price, |l| l.cac),
    (Key::MarginalCac, "Next CAC", Kind::Price, |l| l.marginal_cac),
    (Key::Limited(Metric::Iroas), "iROAS", Kind::Ratio, |l| l.iroas),
    (Key::Limited(Metric::Mroas), "mROAS", Kind::Ratio, |l| l.mroas),
];

const BEYOND: &str = "<abbr title=\"outside what the curve was observed on\">†</abbr>";

pub(super) fn part(view: &View, room: &Room) -> Option<Part> {
    let known = |o: &&Optional| view.lines.iter().any(|l| (o.3)(l).is_some());
    let optional: Vec<&Optional> = OPTIONAL.iter().filter(known).collect();
    let (shown, rest) = largest(&view.lines, room.lines);
    let sum = |of: fn(&LineRow) -> f64| rest.iter().map(|l| of(l)).sum::<f64>();
    let amounts = |of: fn(&LineRow) -> f64| {
        let mut all: Vec<f64> = shown.iter().map(|l| of(l)).collect();
        all.extend((!rest.is_empty()).then(|| sum(of)));
        Column::new(&all)
    };
    let (today, plan) = (amounts(|l| l.current), amounts(|l| l.spend));
    let heads = heads(&optional);
    let blank = |mut cells: Vec<Cell>| {
        cells.extend((cells.len()..heads.len()).map(|_| Cell::text("")));
        cells
    };
    let mut foot = Vec::new();
    if !rest.is_empty() {
        let name = format!("{} smaller lines", rest.len());
        let (was, is) = (today.part(shown.len()), plan.part(shown.len()));
        foot.push(blank(vec![Cell::text(name), Cell::text(""), Cell::text(was), Cell::text(is)]));
    }
    let total = |name: &str, was: (String, f64), is: (String, f64)| {
        let change = (was.1 > 0.0).then(|| is.1 / was.1 - 1.0);
        vec![
            Cell::text(name),
            Cell::text(""),
            Cell::written(was.0, Some(was.1)),
            Cell::written(is.0, Some(is.1)),
            Cell::written(signed(Kind::Percent, change), change),
        ]
    };
    let all = |of: fn(&LineRow) -> f64| view.lines.iter().map(of).sum::<f64>();
    let (was, is) = (all(|l| l.current), all(|l| l.spend));
    let mut sums = total("Total", (today.total(), was), (plan.total(), is));
    let whole: f64 = view.lines.iter().map(|l| l.share).sum();
    sums.push(Cell::figure(Kind::Percent, Some(whole)));
    // Of the plan as a whole; a next unit belongs to a line.
    sums.extend(optional.iter().map(|o| match (&o.0, view.figure(&o.0)) {
        (Key::Limited(Metric::Revenue | Metric::Customers | Metric::Iroas), Some(figure)) => {
            Cell::figure(o.2, figure.plan)
        }
        _ => Cell::text(""),
    }));
    foot.push(blank(sums));
    if let Some((was, is)) = view.with_fees() {
        foot.push(blank(total("Total with fees", (today.amount(was), was), (plan.amount(is), is))));
    }
    let row = |(i, line): (usize, &&LineRow)| cells(line, today.part(i), plan.part(i), &optional);
    let table = Table {
        key: "lines",
        label: "Lines".to_owned(),
        sortable: true,
        rows: shown.iter().enumerate().map(row).collect(),
        foot,
        heads,
    };
    let mut body = table.render();
    sentence::footnotes(view).iter().for_each(|n| body.push_str(&note(n)));
    Part::new("lines", "By line", body)
}

/// The lines with most money today or in the plan, in the scenario's order,
/// and the others.
pub(super) fn largest(lines: &[LineRow], most: usize) -> (Vec<&LineRow>, Vec<&LineRow>) {
    let size = |l: &LineRow| l.spend.max(l.current);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| size(&lines[b]).total_cmp(&size(&lines[a])).then(a.cmp(&b)));
    let mut shown = vec![false; lines.len()];
    order.iter().take(most).for_each(|&i| shown[i] = true);
    let (shown, rest): (Vec<_>, Vec<_>) = lines.iter().zip(shown).partition(|(_, shown)| *shown);
    (shown.into_iter().map(|p| p.0).collect(), rest.into_iter().map(|p| p.0).collect())
}

fn heads(optional: &[&Optional]) -> Vec<Head> {
    let mut heads = vec![
        words("line", "Line"),
        words("stage", "Stage"),
        figures("current", "Today"),
        figures("spend", "Plan"),
        figures("change", "Change"),
        figures("share", "Share"),
    ];
    heads.extend(optional.iter().map(|o| figures(o.0.name(), o.1)));
    heads.push(words("at", "Held"));
    heads
}

fn cells(line: &LineRow, today: String, plan: String, optional: &[&Optional]) -> Vec<Cell> {
    let change = match line.change {
        None if line.spend > 0.0 => "new".to_owned(),
        change => signed(Kind::Percent, change),
    };
    let plan = match Cell::written(plan, Some(line.spend)) {
        Cell::Figure { text, exact } if line.extrapolated => Cell::Marked { text, exact, mark: BEYOND },
        cell => cell,
    };
    let mut cells = vec![
        Cell::text(if line.judgement.is_some() { format!("{}‡", line.name) } else { line.name.clone() }),
        Cell::text(&line.stage),
        Cell::written(today, Some(line.current)),
        plan,
        Cell::written(change, line.change),
        Cell::figure(Kind::Percent, Some(line.share)),
    ];
    cells.extend(optional.iter().map(|o| Cell::figure(o.2, (o.3)(line))));
    cells.push(Cell::text(sentence::held(line.at)));
    cells
}
