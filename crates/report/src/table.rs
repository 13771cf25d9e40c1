//! The terminal: one scenario after another, what changed first.

mod flights;
mod meeting;

use crate::layout::{Align, Grid, bar, visible, wrap};
use crate::number::{ABSENT, Column, Kind, short, signed};
use crate::sentence;
use crate::view::{Group, LimitRow, LineRow, View};

/// Where a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Columns of text.
    pub width: usize,
    /// Whether bold and dim text may be used.
    pub color: bool,
}

impl Default for Page {
    fn default() -> Self {
        Page { width: 80, color: false }
    }
}

/// Narrower pages are laid out as if they had this many columns.
const NARROWEST: usize = 72;
/// From this width on, lines show what they earn too.
const WIDE: usize = 120;
/// Most lines and moves listed; the rest is summed.
const MOST_LINES: usize = 60;
const MOST_MOVES: usize = 5;
/// Up to this width, columns that repeat what others imply are left out.
const NARROW: usize = 90;

/// One scenario in full.
pub fn render(view: &View, page: Page) -> String {
    let mut out = Writer { page: Page { width: page.width.max(NARROWEST), ..page }, text: String::new() };
    out.title(view);
    out.paragraph(&sentence::headline(view), 0);
    for warning in &view.warnings {
        out.blank();
        out.paragraph(&sentence::warned(warning), 0);
    }
    if view.has_plan() {
        out.figures(view);
        for reconciled in sentence::reconciled(view) {
            out.blank();
            out.paragraph(&reconciled, 0);
        }
        if let Some(sure) = sentence::sure(view) {
            out.blank();
            out.paragraph(&sure, 0);
        }
        out.moves(view);
        out.by_line(view);
        out.flights(view);
        out.meeting(view);
        // The other groupings are in the files.
        if let Some(group) = view.groups.first() {
            out.by_group(group);
        }
    } else {
        out.conflict(view);
    }
    out.limits(view);
    out.blank();
    out.paragraph(&sentence::certificate(view), 0);
    out.footnotes(view);
    out.text
}

/// What stands between two scenarios.
pub fn between(page: Page) -> String {
    format!("\n{}\n\n", "═".repeat(page.width.max(NARROWEST)))
}

struct Writer {
    page: Page,
    text: String,
}

impl Writer {
    fn title(&mut self, view: &View) {
        let mut about = vec![view.currency.clone(), view.period.clone()];
        about.push(sentence::aims(view));
        about.retain(|part| !part.is_empty());
        self.line(&self.bold(&visible(&view.name)));
        let mut facts = about.join(" · ");
        for set in sentence::settings(view) {
            facts.push_str(" · ");
            facts.push_str(&set);
        }
        for line in wrap(&facts, self.page.width, 0) {
            self.line(&self.dim(&line));
        }
        self.blank();
    }

    fn figures(&mut self, view: &View) {
        let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Right, Align::Right, Align::Right]);
        grid.row(["", "today", "plan", "change", ""]);
        for figure in &view.figures {
            if figure.today.is_none() && figure.plan.is_none() {
                continue;
            }
            let change = figure.change();
            let relative = change.zip(figure.today).filter(|(_, t)| *t != 0.0).map(|(c, t)| c / t.abs());
            grid.row([
                sentence::capital(figure.metric.label()),
                short(figure.kind, figure.today),
                short(figure.kind, figure.plan),
                signed(figure.kind, change),
                relative.map_or_else(String::new, |r| signed(Kind::Percent, Some(r))),
            ]);
        }
        self.blank();
        self.grid(&grid);
    }

    fn moves(&mut self, view: &View) {
        let moves = view.moves();
        if moves.is_empty() {
            self.section("What changes");
            self.line("  Nothing: today's spend is the best there is.");
            return;
        }
        self.section("What changes");
        let mut grid = Grid::new(&[Align::Left, Align::Right, Align::Left, Align::Right, Align::Left]);
        for line in moves.iter().take(MOST_MOVES) {
            grid.row([
                line.name.clone(),
                short(Kind::Money, Some(line.current)),
                "→".to_owned(),
                short(Kind::Money, Some(line.spend)),
                format!("{}  {}", change(line), sentence::held(line.at)),
            ]);
        }
        self.grid(&grid);
        if moves.len() > MOST_MOVES {
            let rest = moves.len() - MOST_MOVES;
            self.line(&format!("  and {rest} smaller {}", sentence::plural(rest, "move", "moves")));
        }
    }

    fn meeting(&mut self, view: &View) {
        let Some(grid) = meeting::grid(view) else { return };
        self.section("Lines that meet");
        self.grid(&grid);
        for words in sentence::met(view) {
            self.blank();
            self.paragraph(&words, 2);
        }
    }

    fn by_line(&mut self, view: &View) {
        self.section("By line");
        let (shown, rest) = select(&view.lines);
        let sum = |of: fn(&LineRow) -> f64| rest.iter().map(|l| of(l)).sum::<f64>();
        let with_rest = |of: fn(&LineRow) -> f64| {
            let mut amounts: Vec<f64> = shown.iter().map(|l| of(l)).collect();
            if !rest.is_empty() {
                amounts.push(sum(of));
            }
            Column::new(&amounts)
        };
        let (today, plan) = (with_rest(|l| l.current), with_rest(|l| l.spend));
        let most = shown.iter().map(|l| l.share).fold(0.0, f64::max);
        let figures = line_figures(view, self.page.width);
        let mut columns =
            vec![Align::Left, Align::Right, Align::Right, Align::Right, Align::Right, Align::Left];
        columns.extend(figures.iter().map(|_| Align::Right));
        columns.push(Align::Left);
        let mut grid = Grid::new(&columns);
        let mut head: Vec<String> =
            ["line", "today", "plan", "change", "share", ""].map(String::from).to_vec();
        head.extend(figures.iter().map(|f| f.head.to_owned()));
        grid.row(head);
        for (i, line) in shown.iter().enumerate() {
            let mark = sentence::marks(line);
            let mut cells = vec![
                format!("{}{mark}", line.name),
                today.part(i),
                plan.part(i),
                change(line),
                short(Kind::Percent, Some(line.share)),
                bar(if most > 0.0 { line.share / most } else { 0.0 }, self.bar()),
            ];
            cells.extend(figures.iter().map(|f| short(f.kind, (f.of)(line))));
            cells.push(sentence::held(line.at).to_owned());
            grid.row(cells);
        }
        if !rest.is_empty() {
            let name = format!("{} more lines", rest.len());
            grid.row([name, today.part(shown.len()), plan.part(shown.len())]);
        }
        grid.rule();
        grid.row(["Total".to_owned(), today.total(), plan.total()]);
        if let Some((was, is)) = view.with_fees() {
            grid.row(["Total with fees".to_owned(), today.amount(was), plan.amount(is)]);
        }
        self.grid(&grid);
    }

    fn flights(&mut self, view: &View) {
        let Some(flights) = &view.flights else { return };
        self.section(&format!("By {}", flights.unit));
        self.grid(&flights::grid(flights, self.page.width));
        if let Some(words) = sentence::apart(flights) {
            self.paragraph(&words, 2);
        }
    }

    fn by_group(&mut self, group: &Group) {
        self.section(&format!("By {}", group.by));
        let today = Column::new(&group.rows.iter().map(|r| r.current).collect::<Vec<_>>());
        let plan = Column::new(&group.rows.iter().map(|r| r.spend).collect::<Vec<_>>());
        let most = group.rows.iter().map(|r| r.share).fold(0.0, f64::max);
        let mut grid = Grid::new(&[
            Align::Left,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Right,
            Align::Left,
            Align::Right,
        ]);
        let earned = group.rows.iter().any(|r| r.revenue.is_some());
        grid.row([group.by, "today", "plan", "share was", "is", "", if earned { "revenue" } else { "" }]);
        for (i, row) in group.rows.iter().enumerate() {
            let name = if row.name.is_empty() { "(none)" } else { &row.name };
            grid.row([
                name.to_owned(),
                today.part(i),
                plan.part(i),
                short(Kind::Percent, Some(row.share_today)),
                short(Kind::Percent, Some(row.share)),
                bar(if most > 0.0 { row.share / most } else { 0.0 }, self.bar()),
                if earned { short(Kind::Money, row.revenue) } else { String::new() },
            ]);
        }
        grid.rule();
        grid.row(["Total".to_owned(), today.total(), plan.total()]);
        self.grid(&grid);
    }

    fn limits(&mut self, view: &View) {
        if view.limits.is_empty() {
            return;
        }
        self.section("Limits");
        let plan = view.has_plan();
        let wide = self.page.width >= NARROW;
        let mut columns = vec![Align::Left, Align::Left];
        let mut head = vec!["limit", "owner"];
        if wide {
            columns.push(Align::Left);
            head.push("metric");
        }
        columns.push(Align::Right);
        head.push("allowed");
        if plan {
            columns.extend([Align::Right, Align::Right, Align::Right, Align::Left]);
            head.extend(["plan", "slack", "price", "today"]);
        }
        let mut grid = Grid::new(&columns);
        grid.row(head);
        for limit in &view.limits {
            let mut cells = vec![limit.name.clone(), limit.owner.clone()];
            if wide {
                cells.push(limit.metric.label().to_owned());
            }
            cells.push(allowed(limit));
            if plan {
                cells.push(short(limit.kind, limit.value));
                cells.push(sentence::slack(limit));
                cells.push(sentence::price(view, limit).unwrap_or_default());
                cells.push(if limit.broken_today { "broken" } else { "kept" }.to_owned());
            }
            grid.row(cells);
        }
        self.grid(&grid);
        let prices = sentence::prices(view);
        for line in wrap(&prices, self.page.width.saturating_sub(2), 2) {
            self.line(&self.dim(&line));
        }
    }

    fn conflict(&mut self, view: &View) {
        if !view.conflict.is_empty() {
            self.section("These cannot hold together");
            for member in &view.conflict {
                self.item(&sentence::member(view, member));
            }
        }
        if !view.repairs.is_empty() {
            self.section("Any one of these resolves it");
            for repair in &view.repairs {
                self.item(&sentence::change(repair));
            }
        }
        if view.cheapest_repair.len() > 1 || (view.repairs.is_empty() && !view.cheapest_repair.is_empty()) {
            self.section("The smallest changes that together resolve it");
            for repair in &view.cheapest_repair {
                self.item(&sentence::change(repair));
            }
        }
    }

    fn footnotes(&mut self, view: &View) {
        let mut notes = Vec::new();
        if view.has_local_price() {
            notes.push(sentence::LOCAL_PRICE);
        }
        let marked = sentence::footnotes(view);
        notes.extend(marked.iter().map(String::as_str));
        for note in notes {
            for line in wrap(note, self.page.width, 0) {
                self.line(&self.dim(&line));
            }
        }
    }

    /// Columns of a full bar.
    fn bar(&self) -> usize {
        if self.page.width < NARROW { 6 } else { 10 }
    }

    fn section(&mut self, heading: &str) {
        self.blank();
        self.line(&self.bold(heading));
    }

    fn item(&mut self, text: &str) {
        for (i, line) in wrap(text, self.page.width.saturating_sub(4), 0).iter().enumerate() {
            self.line(&format!("  {} {line}", if i == 0 { "•" } else { " " }));
        }
    }

    fn grid(&mut self, grid: &Grid) {
        for line in grid.lines(self.page.width) {
            self.line(&line);
        }
    }

    fn paragraph(&mut self, text: &str, indent: usize) {
        for line in wrap(text, self.page.width, indent) {
            self.line(&line);
        }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn bold(&self, text: &str) -> String {
        if self.page.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        if self.page.color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// A column of line figures.
struct LineFigure {
    head: &'static str,
    kind: Kind,
    of: fn(&LineRow) -> Option<f64>,
    /// The narrowest page with room for it.
    from: usize,
}

const LINE_FIGURES: [LineFigure; 6] = [
    LineFigure { head: "revenue", kind: Kind::Money, of: |l| l.revenue, from: WIDE },
    LineFigure { head: "customers", kind: Kind::Count, of: |l| l.customers, from: WIDE },
    LineFigure { head: "CAC", kind: Kind::Price, of: |l| l.cac, from: WIDE },
    LineFigure { head: "next CAC", kind: Kind::Price, of: |l| l.marginal_cac, from: WIDE },
    LineFigure { head: "iROAS", kind: Kind::Ratio, of: |l| l.iroas, from: NARROW },
    LineFigure { head: "mROAS", kind: Kind::Ratio, of: |l| l.mroas, from: 0 },
];

/// The figures some line has and the page has room for.
fn line_figures(view: &View, width: usize) -> Vec<&'static LineFigure> {
    let known = |f: &&LineFigure| width >= f.from && view.lines.iter().any(|l| (f.of)(l).is_some());
    LINE_FIGURES.iter().filter(known).collect()
}

/// The lines listed one by one, in their order, and those summed: when there
/// are too many, the ones with the least money today and in the plan.
fn select(lines: &[LineRow]) -> (Vec<&LineRow>, Vec<&LineRow>) {
    if lines.len() <= MOST_LINES {
        return (lines.iter().collect(), Vec::new());
    }
    let size = |i: usize| lines[i].spend.max(lines[i].current);
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
    let mut listed = vec![false; lines.len()];
    for &i in order.iter().take(MOST_LINES) {
        listed[i] = true;
    }
    let pick = |want: bool| lines.iter().zip(&listed).filter(|(_, l)| **l == want).map(|(l, _)| l).collect();
    (pick(true), pick(false))
}

fn change(line: &LineRow) -> String {
    if line.current == 0.0 && line.spend > 0.0 {
        return "new".to_owned();
    }
    line.change.map_or_else(|| ABSENT.to_owned(), |c| signed(Kind::Percent, Some(c)))
}

/// What a limit allows, as text.
pub(crate) fn allowed(limit: &LimitRow) -> String {
    let text = |n: f64| match limit.kind {
        Kind::Money => short(Kind::Money, Some(n)),
        kind => sentence::exact(kind, n),
    };
    match (limit.min, limit.max) {
        (Some(min), Some(max)) if min == max => format!("= {}", text(max)),
        (Some(min), Some(max)) => format!("{} – {}", text(min), text(max)),
        (Some(min), None) => format!("≥ {}", text(min)),
        (None, Some(max)) => format!("≤ {}", text(max)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_plan_at_80_columns() {
        insta::assert_snapshot!(render(&sample::plan(), Page::default()));
    }

    #[test]
    fn a_plan_at_160_columns() {
        insta::assert_snapshot!(render(&sample::plan(), Page { width: 160, color: false }));
    }

    #[test]
    fn a_conflict() {
        insta::assert_snapshot!(render(&sample::infeasible(), Page::default()));
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        use unicode_width::UnicodeWidthStr;
        for view in [sample::plan(), sample::infeasible()] {
            for width in [72, 80, 100, 120, 160] {
                for line in render(&view, Page { width, color: false }).lines() {
                    assert!(line.width() <= width, "{width}: {line}");
                }
            }
        }
    }
}
