//! Kept what-ifs side by side: one column each.

use crate::html::desk::change::goal;
use crate::html::markup::{Cell, Table, escaped, figures, words};
use crate::number::{ABSENT, Column};
use crate::sentence;
use crate::view::{Figure, LineRow, View};

/// Most lines listed: those with most money.
const MOST: usize = 40;

/// Today and named plans; `links` lead back to each, and drop it. Empty for none.
pub fn beside(plans: &[(String, &View)], links: &[(String, String)]) -> String {
    let Some((_, first)) = plans.first() else { return String::new() };
    let mut heads = vec![words("figure", ""), figures("today", "Today")];
    heads.extend(plans.iter().map(|(name, _)| figures("plan", name)));
    let table = Table {
        key: "beside",
        label: "Kept plans side by side".to_owned(),
        sortable: false,
        heads,
        rows: rows(plans, first),
        foot: Vec::new(),
    };
    let back: String = plans.iter().zip(links).map(|((name, view), (back, drop))| {
        format!(
            "<li><a href=\"{0}\" data-go>{1}</a>: {2} <a class=\"drop\" href=\"{3}\" data-go aria-label=\"Drop {1}\">drop</a></li>",
            escaped(back), escaped(name), escaped(&sentence::headline(view)), escaped(drop)
        )
    }).collect();
    format!("<h3>Kept plans</h3><ul class=\"kept\">{back}</ul>{}", table.render())
}

fn rows(plans: &[(String, &View)], first: &View) -> Vec<Vec<Cell>> {
    let mut names: Vec<&Figure> = Vec::new();
    for figure in plans.iter().flat_map(|(_, v)| &v.figures) {
        if names.iter().all(|n| n.metric != figure.metric) {
            names.push(figure);
        }
    }
    let mut status = vec![Cell::text("What is proven"), Cell::text(ABSENT)];
    status.extend(plans.iter().map(|(_, v)| Cell::text(sentence::status(&v.ending))));
    let mut rows = vec![status];
    let goals = |v: &View| (v.goal.metric.clone(), v.goal.maximize);
    if plans.iter().any(|(_, v)| goals(v) != goals(first)) {
        let mut row = vec![Cell::text("Goal"), Cell::text("")];
        row.extend(plans.iter().map(|(_, v)| Cell::text(format!("{} {}", v.goal.metric.label(), goal(v)))));
        rows.push(row);
    }
    for name in names {
        let of = |view: &View| view.figure(&name.metric).and_then(|f| f.plan);
        let mut row =
            vec![Cell::text(sentence::capital(name.metric.label())), Cell::figure(name.kind, name.today)];
        row.extend(plans.iter().map(|(_, v)| Cell::figure(name.kind, of(v))));
        rows.push(row);
    }
    rows.extend(lines(plans));
    rows
}

/// Spend by line, all in one unit.
fn lines(plans: &[(String, &View)]) -> Vec<Vec<Cell>> {
    let Some((_, widest)) = plans.iter().max_by_key(|(_, v)| v.lines.len()) else { return Vec::new() };
    let of = |view: &View, name: &str| view.lines.iter().find(|l| l.name == name).map(|l| l.spend);
    let size = |l: &LineRow| plans.iter().filter_map(|(_, v)| of(v, &l.name)).fold(l.current, f64::max);
    let mut order: Vec<&LineRow> = widest.lines.iter().collect();
    order.sort_by(|a, b| size(b).total_cmp(&size(a)));
    order.truncate(MOST);
    let unit = Column::new(&order.iter().map(|l| size(l)).collect::<Vec<_>>());
    let cell =
        |v: Option<f64>| v.map_or_else(|| Cell::text(ABSENT), |v| Cell::written(unit.amount(v), Some(v)));
    let row = |line: &&LineRow| {
        let mut row = vec![Cell::text(&line.name), cell(Some(line.current))];
        row.extend(plans.iter().map(|(_, v)| cell(of(v, &line.name))));
        row
    };
    order.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn names_are_data() {
        let view = sample::plan();
        let links = [("/a".to_owned(), "/b".to_owned())];
        let html = beside(&[("<script>x</script>".to_owned(), &view)], &links);
        assert!(!html.contains("<script") && html.contains("&lt;script"), "{html}");
        assert_eq!(beside(&[], &[]), "");
        let none = sample::infeasible();
        let html = beside(
            &[("a".to_owned(), &view), ("b".to_owned(), &none)],
            &[links[0].clone(), links[0].clone()],
        );
        assert!(html.contains("no plan exists") && html.contains("proven optimal"), "{html}");
    }
}
