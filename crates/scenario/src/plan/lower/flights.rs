//! The flights of a scenario as lines and limits of the problem.
//!
//! A line with T periods becomes T spends, with limited bursts T beginnings,
//! and a stock for every period and for those after the horizon in which
//! something is left. An equation gives each stock; stocks earn, spends cost.

use outlay_allocator::{Coefficients, Deal, Fact, Limit, Line, Terms};
use outlay_curves::Curve;

use super::rows::{LimitSource, Rows, rounding};
use crate::files::result::{Member, MemberField, MemberKind};
use crate::files::spec::Metric;
use crate::model::flight::{Flight, Kernel};
use crate::model::meeting::ByPeriod;
use crate::model::scenario::{Scenario, ScenarioLine};
use crate::plan::layout::{Atoms, Layout, per_period};

/// The problem's lines with their facts and what to call these.
pub(super) fn lines(scenario: &Scenario, layout: &Layout) -> (Vec<Line>, Vec<Vec<Member>>) {
    let (mut lines, mut members) = (Vec::new(), Vec::new());
    let met = ByPeriod::of(scenario);
    for (i, (line, atoms)) in scenario.lines.iter().zip(layout.flights()).enumerate() {
        let Some(flight) = &line.flight else { continue };
        for t in 0..atoms.spends.len() {
            let (facts, names): (Vec<Fact>, Vec<Member>) =
                facts(line, flight, t, scenario.round).into_iter().unzip();
            lines.extend(money().map(|money| Line::new(money, 0.0, facts)));
            members.push(names);
        }
        for _ in atoms.bursts.clone() {
            lines.extend(money().map(|money| Line::new(money, 0.0, vec![Fact::Max(1.0)])));
            members.push(vec![member(line, MemberField::Bursts)]);
        }
        for _ in atoms.used.clone() {
            // At most 1, which is no rule of anybody's.
            let whole = Curve::table(&[(0.0, 0.0), (1.0, 1.0)]).ok();
            lines.extend(whole.map(|whole| Line::new(whole, 0.0, Vec::new())));
            members.push(Vec::new());
        }
        let curve = match met.as_ref().filter(|_| layout.meets(i)) {
            Some(met) => met.curve(i, &line.curve),
            None => per_period(line, flight.periods()),
        };
        for _ in atoms.stocks.clone() {
            lines.push(Line::new(curve.clone(), 0.0, Vec::new()));
            members.push(Vec::new());
        }
    }
    (lines, members)
}

/// A line that is nothing but its spend.
fn money() -> Option<Curve> {
    Curve::linear(1.0).ok()
}

fn member(line: &ScenarioLine, field: MemberField) -> Member {
    Member { kind: MemberKind::Line, name: line.name.clone(), field, owner: line.tags.get("owner").cloned() }
}

/// The rule that a line's deal is.
fn deal(line: &ScenarioLine) -> Member {
    Member { kind: MemberKind::Deal, ..member(line, MemberField::Deal) }
}

/// How a line is sold, if that is not by the cent.
fn sold(line: &ScenarioLine) -> Option<Deal> {
    line.facts.iter().find_map(|f| if let Fact::Deal(deal) = f { Some(*deal) } else { None })
}

/// What is known of a line's spend in one period.
fn facts(line: &ScenarioLine, flight: &Flight, t: usize, round: Option<f64>) -> Vec<(Fact, Member)> {
    let mut facts = Vec::new();
    let begun = |spent, over| (Fact::Past { spent, over }, member(line, MemberField::FlightMin));
    // What is over is as it was, whatever the rules say of a period.
    if let Some(&spent) = flight.past.get(t) {
        return vec![begun(spent, true)];
    }
    if t == flight.past.len() && flight.started > 0.0 {
        facts.push(begun(flight.started, false));
    }
    if flight.min[t] > 0.0 {
        facts.push((Fact::Min(flight.min[t]), member(line, MemberField::FlightMin)));
    }
    if flight.max[t].is_finite() {
        facts.push((Fact::Max(flight.max[t]), member(line, MemberField::FlightMax)));
    }
    if flight.blackout[t] {
        facts.push((Fact::Max(0.0), member(line, MemberField::Blackout)));
    }
    if let Some(least) = flight.at_least {
        facts.push((Fact::Deal(Deal::AtLeast(least)), member(line, MemberField::FlightAtLeast)));
    }
    if let Some(max) = line.max {
        facts.push((Fact::Max(max), member(line, MemberField::Max)));
    }
    // What cannot be divided is bought whole in a period.
    match sold(line) {
        Some(whole @ (Deal::Flat(_) | Deal::Lots(_))) => facts.push((Fact::Deal(whole), deal(line))),
        _ => facts.extend(round.map(rounding)),
    }
    facts
}

/// Adds a line's own rules and the equations that give its stocks.
pub(super) fn rules(scenario: &Scenario, layout: &Layout, rows: &mut Rows) {
    let flights = || scenario.lines.iter().zip(layout.flights());
    for (line, atoms) in flights() {
        if let Some(flight) = &line.flight {
            let mut rules = Rules { line, atoms, rows };
            rules.totals(flight);
            rules.smooth(flight);
            rules.runs(flight);
            rules.bursts(flight);
            rules.deal(flight);
            rules.used();
        }
    }
    for (line, atoms) in flights() {
        if let Some(flight) = &line.flight {
            stocks(line, flight, atoms, rows);
        }
    }
}

struct Rules<'a> {
    line: &'a ScenarioLine,
    atoms: &'a Atoms,
    rows: &'a mut Rows,
}

impl Rules<'_> {
    fn push(
        &mut self,
        what: String,
        few: Vec<(usize, Coefficients)>,
        (min, max): (Option<f64>, Option<f64>),
        fields: (MemberField, MemberField),
    ) {
        let members = (member(self.line, fields.0), member(self.line, fields.1));
        self.push_as(what, few, (min, max), members);
    }

    fn push_as(
        &mut self,
        what: String,
        few: Vec<(usize, Coefficients)>,
        (min, max): (Option<f64>, Option<f64>),
        members: (Member, Member),
    ) {
        let line = self.line;
        self.rows.limits.push(Limit::on(Terms::default().with_few(few), min, max));
        self.rows.sources.push(LimitSource {
            name: format!("{} {what}", line.name),
            key: format!("lines.{}.{what}", line.name),
            owner: line.tags.get("owner").cloned(),
            metric: Metric::Spend,
            min: Some(members.0),
            max: Some(members.1),
            firm: false,
            weight: 1.0,
            listed: false,
        });
    }

    fn spend(&self, t: usize, c: Coefficients) -> (usize, Coefficients) {
        (self.atoms.spends.start + t, c)
    }

    /// `spend.min` and `spend.max` of all periods together; a largest spend
    /// below what is spent or bound already leaves that.
    fn totals(&mut self, flight: &Flight) {
        let bound = flight.spent() + flight.committed;
        let (min, max) = (self.line.min.filter(|&m| m > 0.0), self.line.max.map(|m| m.max(bound)));
        let all = |rules: &Self| -> Vec<(usize, Coefficients)> {
            let each = 0..rules.atoms.spends.len();
            each.map(|t| rules.spend(t, Coefficients::on_spend(1.0))).collect()
        };
        if min.is_some() || max.is_some() {
            let fields = (MemberField::Min, MemberField::Max);
            let few = all(self);
            if min == max {
                // A sum that is exactly known is a rule still, and not an
                // equation that gives one period what the others leave.
                self.push("spend.least".to_owned(), few.clone(), (min, None), fields);
                self.push("spend.most".to_owned(), few, (None, max), fields);
            } else {
                self.push("spend".to_owned(), few, (min, max), fields);
            }
        }
        if flight.committed > 0.0 {
            let few = all(self);
            self.rows.limits.push(Limit::on(Terms::default().with_few(few), Some(bound), None));
            self.rows.sources.push(no_rule(self.line, "committed".to_owned(), "committed"));
        }
    }

    /// `|x_t - x_(t-1)| <= s x_(t-1)`, as two rows.
    fn smooth(&mut self, flight: &Flight) {
        let Some(s) = flight.smooth else { return };
        for t in flight.past.len().max(1)..flight.periods() {
            let pair = |rules: &Self, before: f64, now: f64| {
                let one = Coefficients::on_spend;
                vec![rules.spend(t - 1, one(before)), rules.spend(t, one(now))]
            };
            let fields = (MemberField::Smooth, MemberField::Smooth);
            let (up, down) = (pair(self, -(1.0 + s), 1.0), pair(self, 1.0 - s, -1.0));
            self.push(format!("rise.{t}"), up, (None, Some(0.0)), fields);
            self.push(format!("fall.{t}"), down, (None, Some(0.0)), fields);
        }
    }

    /// Once on, on for n periods: `z_t - z_(t-1) <= z_(t+k)` for k < n. A run
    /// that ended before now is as it was.
    fn runs(&mut self, flight: &Flight) {
        let Some(n) = flight.on_at_least.map(|n| n as usize).filter(|n| *n > 1) else { return };
        let one = Coefficients::on_active;
        for t in 0..flight.periods() {
            for k in 1..n {
                let off = flight.past.iter().take(t + k + 1).skip(t).any(|&x| x == 0.0);
                if t + k >= flight.periods() || t + k < flight.past.len() || off {
                    continue;
                }
                let mut few = vec![self.spend(t, one(1.0)), self.spend(t + k, one(-1.0))];
                if t > 0 {
                    few.insert(0, self.spend(t - 1, one(-1.0)));
                }
                let fields = (MemberField::OnAtLeast, MemberField::OnAtLeast);
                self.push(format!("run.{t}.{k}"), few, (None, Some(0.0)), fields);
            }
        }
    }

    /// A beginning is paid for: `z_t - z_(t-1) <= b_t`, and `sum b <= k`, or as
    /// many as there were already.
    fn bursts(&mut self, flight: &Flight) {
        let Some(k) = flight.bursts else { return };
        let fields = (MemberField::Bursts, MemberField::Bursts);
        for t in 0..flight.periods() {
            let mut few = vec![self.spend(t, Coefficients::on_active(1.0))];
            if t > 0 {
                few.insert(0, self.spend(t - 1, Coefficients::on_active(-1.0)));
            }
            few.push((self.atoms.bursts.start + t, Coefficients::on_spend(-1.0)));
            self.push(format!("burst.{t}"), few, (None, Some(0.0)), fields);
        }
        let all = self.atoms.bursts.clone().map(|b| (b, Coefficients::on_spend(1.0))).collect();
        let were = flight.past.split(|&x| x == 0.0).filter(|run| !run.is_empty()).count() as f64;
        self.push("bursts".to_owned(), all, (None, Some(f64::from(k).max(were))), fields);
    }
}

impl Rules<'_> {
    fn every(&self, c: Coefficients) -> Vec<(usize, Coefficients)> {
        self.atoms.spends.clone().map(|spend| (spend, c)).collect()
    }

    /// A flat price is paid once, in one period, or as often as it was; a least
    /// amount holds for all periods together: `A u <= sum x`.
    fn deal(&mut self, flight: &Flight) {
        let members = || (deal(self.line), deal(self.line));
        match sold(self.line) {
            Some(Deal::Flat(_)) => {
                let were = flight.past.iter().filter(|x| **x > 0.0).count() as f64;
                let few = self.every(Coefficients::on_active(1.0));
                self.push_as("deal".to_owned(), few, (None, Some(were.max(1.0))), members());
            }
            Some(Deal::AtLeast(least)) => {
                let mut few = self.every(Coefficients::on_spend(-1.0));
                few.extend(self.atoms.used.clone().map(|u| (u, Coefficients::on_spend(least))));
                self.push_as("deal".to_owned(), few, (None, Some(0.0)), members());
            }
            _ => {}
        }
    }

    /// In use or not: `z_t <= u` for all t, and `u <= sum z`.
    fn used(&mut self) {
        for u in self.atoms.used.clone() {
            let mut row = |few: Vec<(usize, Coefficients)>, k: usize| {
                self.rows.limits.push(Limit::on(Terms::default().with_few(few), None, Some(0.0)));
                let key = format!("used.{}.{k}", self.line.name);
                self.rows
                    .sources
                    .push(LimitSource { key, ..no_rule(self.line, format!("in use {k}"), "used") });
            };
            for spend in self.atoms.spends.clone() {
                let on = (spend, Coefficients::on_active(1.0));
                row(vec![on, (u, Coefficients::on_spend(-1.0))], spend - self.atoms.spends.start);
            }
            let mut all: Vec<_> =
                self.atoms.spends.clone().map(|spend| (spend, Coefficients::on_active(-1.0))).collect();
            all.push((u, Coefficients::on_spend(1.0)));
            row(all, self.atoms.spends.len());
        }
    }
}

/// A row that nobody decided: how stock follows from spend, what is bound.
fn no_rule(line: &ScenarioLine, what: String, kind: &str) -> LimitSource {
    LimitSource {
        key: format!("{kind}.{}", line.name),
        name: format!("{} {what}", line.name),
        owner: None,
        metric: Metric::Spend,
        min: None,
        max: None,
        firm: true,
        weight: 1.0,
        listed: false,
    }
}

/// The equations that give a line's stocks, in the order of periods.
fn stocks(line: &ScenarioLine, flight: &Flight, atoms: &Atoms, rows: &mut Rows) {
    let bought = |t: usize| 1.0 / flight.price[t];
    let on = Coefficients::on_spend;
    for (t, own) in atoms.stocks.clone().enumerate() {
        let mut few = Vec::new();
        let number;
        match &flight.kernel {
            Kernel::Geometric(r) => {
                number = if t == 0 { flight.opening[0] } else { 0.0 };
                if t < flight.periods() {
                    few.push((atoms.spends.start + t, on(-(1.0 - r) * bought(t))));
                }
                if t > 0 && *r > 0.0 {
                    few.push((own - 1, on(-r)));
                }
            }
            Kernel::Weights(weights) => {
                number = flight.opening[t];
                for s in 0..flight.periods().min(t + 1) {
                    if let Some(w) = weights.get(t - s).filter(|w| **w > 0.0) {
                        few.push((atoms.spends.start + s, on(-w * bought(s))));
                    }
                }
            }
        }
        few.push((own, on(1.0)));
        rows.limits.push(Limit::on(Terms::default().with_few(few), Some(number), Some(number)));
        rows.sources.push(LimitSource {
            key: format!("stocks.{}.{t}", line.name),
            ..no_rule(line, format!("stock {t}"), "stocks")
        });
    }
}
