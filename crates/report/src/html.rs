//! One self-contained page: no network, no tracking, prints cleanly.

mod chart;
mod curve;
mod waterfall;

pub use curve::CurveView;

use askama::Template;

use crate::Sheet;
use crate::number::{Column, Kind, full, short, signed};
use crate::table::allowed;
use crate::view::{LimitRow, LineRow, View};
use crate::{metric, sentence};

/// With more scenarios than this, pictures are left out of the sections, so
/// that the page stays quick to open; the comparison shows all.
const MOST_PICTURES: usize = 24;
/// With more lines than this, curves are shown for the ones with most money.
const MOST_CURVES: usize = 60;

/// The whole page.
pub fn render(title: &str, sheets: &[Sheet]) -> Result<String, askama::Error> {
    let pictures = sheets.len() <= MOST_PICTURES;
    let sections: Vec<Section> =
        sheets.iter().enumerate().map(|(i, s)| Section::new(i, s, pictures)).collect();
    let rows = if sheets.len() > 1 { sheets.iter().enumerate().map(compare).collect() } else { Vec::new() };
    let terms = glossary(sheets);
    Page { title, sections, rows, terms, version: env!("CARGO_PKG_VERSION"), pictures }.render()
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    title: &'a str,
    sections: Vec<Section<'a>>,
    rows: Vec<Compared>,
    terms: Vec<(String, &'static str)>,
    version: &'static str,
    pictures: bool,
}

/// A cell: what is shown and what is sorted by or read back.
struct Cell {
    text: String,
    exact: String,
}

struct Section<'a> {
    id: String,
    view: &'a View,
    about: String,
    headline: String,
    certificate: String,
    tiles: Vec<Tile>,
    allocation: String,
    groups: Vec<GroupTable>,
    lines: Vec<LineCells>,
    total_today: String,
    total_plan: String,
    curves: Vec<(String, String)>,
    waterfall: String,
    limits: Vec<LimitCells>,
    conflict: Vec<String>,
    repairs: Vec<String>,
    cheapest: Vec<String>,
    local: bool,
    extrapolated: bool,
}

struct Tile {
    label: String,
    plan: Cell,
    today: Cell,
    change: String,
}

struct GroupTable {
    by: &'static str,
    rows: Vec<GroupCells>,
    total_today: String,
    total_plan: String,
}

struct GroupCells {
    name: String,
    today: Cell,
    plan: Cell,
    share_today: Cell,
    share: Cell,
    width: String,
    width_today: String,
}

struct LineCells {
    name: String,
    stage: String,
    at: &'static str,
    extrapolated: bool,
    today: Cell,
    plan: Cell,
    change: Cell,
    share: Cell,
    revenue: Cell,
    customers: Cell,
    cac: Cell,
    iroas: Cell,
    mroas: Cell,
}

struct LimitCells {
    name: String,
    owner: String,
    metric: String,
    allowed: String,
    today: Cell,
    plan: Cell,
    slack: String,
    price: String,
    binding: bool,
    broken: bool,
}

struct Compared {
    id: String,
    name: String,
    status: &'static str,
    spend: Cell,
    value: Cell,
    change: Cell,
    cac: Cell,
    iroas: Cell,
    gap: Cell,
    shares: String,
}

impl<'a> Section<'a> {
    fn new(index: usize, sheet: &'a Sheet, pictures: bool) -> Self {
        let view = &sheet.view;
        let mut about = vec![view.currency.clone(), view.period.clone(), sentence::aims(view)];
        about.extend(view.set.iter().cloned());
        about.retain(|part| !part.is_empty());
        let today = Column::new(&view.lines.iter().map(|l| l.current).collect::<Vec<_>>());
        let plan = Column::new(&view.lines.iter().map(|l| l.spend).collect::<Vec<_>>());
        let row = |(i, line): (usize, &LineRow)| line_cells(line, today.part(i), plan.part(i));
        let repairs = |r: &[crate::view::Repair]| r.iter().map(|r| sentence::repair(view, r)).collect();
        Section {
            id: format!("s{}", index + 1),
            view,
            about: about.join(" · "),
            headline: sentence::headline(view),
            certificate: sentence::certificate(view),
            tiles: view.figures.iter().filter_map(tile).collect(),
            allocation: if pictures { chart::allocation(view) } else { String::new() },
            groups: view.groups.iter().map(group_table).collect(),
            lines: view.lines.iter().enumerate().map(row).collect(),
            total_today: today.total(),
            total_plan: plan.total(),
            curves: if pictures { curves(sheet) } else { Vec::new() },
            waterfall: if pictures { waterfall::render(view) } else { String::new() },
            limits: view.limits.iter().map(|l| limit_cells(view, l)).collect(),
            conflict: view.conflict.iter().map(|m| sentence::member(view, m)).collect(),
            repairs: repairs(&view.repairs),
            cheapest: repairs(&view.cheapest_repair),
            local: view.has_local_price(),
            extrapolated: view.lines.iter().any(|l| l.extrapolated),
        }
    }
}

/// Curves as pictures with the line's name, the lines with most money first
/// when there are too many.
fn curves(sheet: &Sheet) -> Vec<(String, String)> {
    let mut order: Vec<usize> = (0..sheet.curves.len().min(sheet.view.lines.len())).collect();
    if order.len() > MOST_CURVES {
        let size = |i: usize| sheet.view.lines[i].spend.max(sheet.view.lines[i].current);
        order.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
        order.truncate(MOST_CURVES);
    }
    let picture = |i: usize| (sheet.view.lines[i].name.clone(), curve::render(&sheet.curves[i]));
    order.into_iter().map(picture).collect()
}

fn cell(kind: Kind, value: Option<f64>) -> Cell {
    Cell { text: short(kind, value), exact: exact(value) }
}

/// The unrounded figure, for sorting and for reading back.
fn exact(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map(|v| v.to_string()).unwrap_or_default()
}

fn tile(figure: &crate::view::Figure) -> Option<Tile> {
    figure.plan?;
    let change = figure.change();
    let relative = change.zip(figure.today).filter(|(_, t)| *t != 0.0).map(|(c, t)| c / t.abs());
    let mut text = signed(figure.kind, change);
    if let Some(relative) = relative {
        text.push_str(&format!(" ({})", signed(Kind::Percent, Some(relative))));
    }
    Some(Tile {
        label: sentence::capital(metric::label(&figure.metric)),
        plan: cell(figure.kind, figure.plan),
        today: cell(figure.kind, figure.today),
        change: text,
    })
}

fn group_table(group: &crate::view::Group) -> GroupTable {
    let today = Column::new(&group.rows.iter().map(|r| r.current).collect::<Vec<_>>());
    let plan = Column::new(&group.rows.iter().map(|r| r.spend).collect::<Vec<_>>());
    let row = |(i, r): (usize, &crate::view::GroupRow)| GroupCells {
        name: if r.name.is_empty() { "(none)".to_owned() } else { r.name.clone() },
        today: Cell { text: today.part(i), exact: exact(Some(r.current)) },
        plan: Cell { text: plan.part(i), exact: exact(Some(r.spend)) },
        share_today: cell(Kind::Percent, Some(r.share_today)),
        share: cell(Kind::Percent, Some(r.share)),
        width: percent(r.share),
        width_today: percent(r.share_today),
    };
    GroupTable {
        by: group.by,
        rows: group.rows.iter().enumerate().map(row).collect(),
        total_today: today.total(),
        total_plan: plan.total(),
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", if share.is_finite() { share.clamp(0.0, 1.0) * 100.0 } else { 0.0 })
}

fn line_cells(line: &LineRow, today: String, plan: String) -> LineCells {
    LineCells {
        name: line.name.clone(),
        stage: line.stage.clone(),
        at: sentence::held(&line.at),
        extrapolated: line.extrapolated,
        today: Cell { text: today, exact: exact(Some(line.current)) },
        plan: Cell { text: plan, exact: exact(Some(line.spend)) },
        change: Cell { text: signed(Kind::Percent, line.change), exact: exact(line.change) },
        share: cell(Kind::Percent, Some(line.share)),
        revenue: cell(Kind::Money, line.revenue),
        customers: cell(Kind::Count, line.customers),
        cac: cell(Kind::Price, line.cac),
        iroas: cell(Kind::Ratio, line.iroas),
        mroas: cell(Kind::Ratio, line.mroas),
    }
}

fn limit_cells(view: &View, limit: &LimitRow) -> LimitCells {
    LimitCells {
        name: limit.name.clone(),
        owner: limit.owner.clone(),
        metric: metric::label(&limit.metric).to_owned(),
        allowed: allowed(limit),
        today: cell(limit.kind, limit.today),
        plan: cell(limit.kind, limit.value),
        slack: if limit.binding.is_some() { "none".to_owned() } else { short(limit.kind, limit.slack) },
        price: sentence::price(view, limit).unwrap_or_default(),
        binding: limit.binding.is_some(),
        broken: limit.broken_today,
    }
}

fn compare((index, sheet): (usize, &Sheet)) -> Compared {
    let view = &sheet.view;
    let kind = metric::kind(&view.goal.metric);
    let change =
        view.goal.value.zip(view.goal.today).filter(|(_, t)| *t != 0.0).map(|(v, t)| (v - t) / t.abs());
    let plan = |metric: &str| view.figure(metric).and_then(|f| f.plan);
    let gap = view.proof().map(|p| p.gap);
    Compared {
        id: format!("s{}", index + 1),
        name: view.name.clone(),
        status: view.status(),
        spend: cell(Kind::Money, plan("spend")),
        value: cell(kind, view.goal.value),
        change: Cell { text: signed(Kind::Percent, change), exact: exact(change) },
        cac: cell(Kind::Price, plan("cac")),
        iroas: cell(Kind::Ratio, plan("iroas")),
        gap: Cell { text: gap.map(sentence::gap).unwrap_or_default(), exact: exact(gap) },
        shares: chart::shares(view),
    }
}

/// Terms used on the page with their meaning.
fn glossary(sheets: &[Sheet]) -> Vec<(String, &'static str)> {
    const TERMS: [&str; 11] = [
        "spend",
        "revenue",
        "profit",
        "customers",
        "lifetime_value",
        "cac",
        "marginal_cac",
        "mer",
        "iroas",
        "mroas",
        "ltv_to_cac",
    ];
    let _ = sheets;
    let term = |m: &str| Some((sentence::capital(metric::label(m)), metric::meaning(m)?));
    let mut terms: Vec<_> = TERMS.iter().filter_map(|m| term(m)).collect();
    terms.push((
        "Shadow price".to_owned(),
        "What the goal gains when the number of a limit changes by one unit and everything is planned anew.",
    ));
    terms.push((
        "Gap".to_owned(),
        "How far the plan can at most be from the best one, relative to its value; proven, not estimated.",
    ));
    terms
}

/// A number written in full for titles of marks.
fn title(value: f64) -> String {
    full(value, if value.abs() < 100.0 { 2 } else { 0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::sheet::Facts;

    fn sheets() -> Vec<Sheet> {
        let view = sample::plan();
        let curve = outlay_curves::Curve::hill(2.4e6, 520_000.0, 1.4).expect("valid");
        let draw =
            |l: &LineRow| CurveView::new(&curve, l.current, Some(l.spend), (l.min, l.max), Kind::Money);
        let curves = view.lines.iter().map(draw).collect();
        let plain = |view, curves| Sheet { view, curves, facts: Facts::default() };
        vec![plain(view, curves), plain(sample::infeasible(), Vec::new())]
    }

    #[test]
    fn names_are_escaped_everywhere() {
        let mut sheets = sheets();
        let evil = "<script>alert('x')</script>\"&";
        for sheet in &mut sheets {
            sheet.view.name = evil.to_owned();
            sheet.view.lines.iter_mut().for_each(|l| l.name = evil.to_owned());
            sheet.view.groups.iter_mut().flat_map(|g| &mut g.rows).for_each(|r| r.name = evil.to_owned());
            sheet.view.limits.iter_mut().for_each(|l| l.name = evil.to_owned());
            sheet.view.conflict.iter_mut().for_each(|m| m.name = evil.to_owned());
        }
        let page = render(evil, &sheets).expect("renders");
        assert!(!page.contains("<script>alert"));
        assert_eq!(page.matches("<script>").count(), 1);
    }

    #[test]
    fn nothing_is_fetched() {
        let page = render("Report", &sheets()).expect("renders");
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
    }

    #[test]
    fn figures_can_be_read_back_unrounded() {
        let sheets = sheets();
        let page = render("Report", &sheets).expect("renders");
        for line in &sheets[0].view.lines {
            assert!(page.contains(&format!("data-spend=\"{}\"", line.spend)), "{}", line.name);
        }
    }

    /// Set `OUTLAY_SAMPLE_PAGE` to a path to look at the sample page.
    #[test]
    fn the_sample_page_can_be_looked_at() {
        let page = render("Sample report", &sheets()).expect("renders");
        assert!(page.ends_with("</html>"));
        if let Some(path) = std::env::var_os("OUTLAY_SAMPLE_PAGE") {
            std::fs::write(path, page).expect("the page can be written");
        }
    }

    #[test]
    fn two_hundred_scenarios_stay_small() {
        let many: Vec<Sheet> = (0..100).flat_map(|_| sheets()).collect();
        let page = render("Many", &many).expect("renders");
        assert!(page.len() < 5_000_000, "{} bytes", page.len());
    }
}
