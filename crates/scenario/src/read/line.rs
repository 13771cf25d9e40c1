//! One line as written to one line as meant: curve, prices, facts.

use std::sync::Arc;

use outlay_allocator::{Deal, Fact, Line};
use outlay_curves::families::Tier;
use outlay_curves::{Curve, CurveError};

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::library::{Adstock, Library, Observed};
use crate::files::spec::{CurveRef, CurveSpec, DealSpec, HorizonSpec, LineSpec, Outcome, PastSpec};
use crate::files::tree::{Span, Tree};
use crate::model::calendar::Calendar;
use crate::model::draws::Draws;
use crate::model::scenario::{Past, ScenarioLine};

/// What a line's meaning depends on besides itself.
pub(crate) struct Context<'a> {
    pub(crate) currency: Option<&'a str>,
    pub(crate) horizon: Option<&'a HorizonSpec>,
    /// The periods, where spends are planned by period.
    pub(crate) calendar: Option<&'a Calendar>,
    pub(crate) library: Option<&'a Library>,
    /// Where the library is named.
    pub(crate) curves: Option<Span>,
    /// Index of a line by name.
    pub(crate) names: &'a std::collections::HashMap<String, usize>,
}

/// Collects what is wrong with one line.
pub(crate) struct Check<'a> {
    tree: &'a Tree,
    name: &'a str,
    pub(crate) faults: Vec<Fault>,
}

/// The line a spec means.
pub(crate) fn resolve(spec: &LineSpec, tree: &Tree, context: &Context) -> Result<ScenarioLine, Vec<Fault>> {
    let mut check = Check { tree, name: &spec.name, faults: Vec::new() };
    check.numbers(spec);
    let found = check.curve(spec, context);
    let requires = check.others(&spec.requires, "requires", context);
    let excludes = check.others(&spec.excludes, "excludes", context);
    check.apart(spec);
    let rate = spec.rate.as_ref().and_then(|rate| check.rate(rate));
    let adstock = found.as_ref().and_then(|f| f.adstock);
    let flight = check.flight(spec, context, adstock);
    let Some(Found { curve, outcome, observed, periods, mut draws, judgement, .. }) = found else {
        return Err(check.faults);
    };
    let ratio = rate.as_ref().map_or(1.0, |r| r.ratio);
    let curve = if ratio == 1.0 { curve } else { curve.stretched(ratio, 1.0) };
    let past = spec.past.as_ref().and_then(|past| check.past(past));
    let left = past.map_or(1.0, |p| 1.0 - p.share);
    let curve = if left == 1.0 { curve } else { curve.stretched(left, left) };
    let tiers = check.tiers(spec.deal.as_deref(), past.map_or(0.0, |p| p.spend));
    let curve = check.tiered(curve, &tiers);
    check.spread(spec, &draws);
    draws.stated = spec.uncertainty.map(|spread| (spread, curve.clone()));
    let curve = check.resumed(curve, past);
    draws.stretch = (draws.stretch.0 * ratio * left, draws.stretch.1 * left);
    draws.tiers = tiers;
    draws.past = past.filter(|p| p.spend > 0.0).map(|p| (p.spend, p.outcome));
    let facts = facts(spec);
    check.reach(spec, &curve, &facts);
    let (customers, revenue) = check.conversion(spec, outcome);
    if !check.faults.is_empty() {
        return Err(check.faults);
    }
    Ok(ScenarioLine {
        name: spec.name.clone(),
        tags: Arc::new(spec.all_tags()),
        current: spec.spend.running.or(spec.spend.current).unwrap_or(0.0),
        current_written: spec.spend.current.is_some(),
        before: spec.spend.current.unwrap_or(0.0),
        min: spec.spend.min,
        max: spec.spend.max,
        deal: spec.deal.clone(),
        curve,
        facts,
        outcome,
        customers_per_outcome: customers,
        revenue_per_outcome: revenue,
        // A plan under way is not what was reported on.
        reported: spec.reported.filter(|_| spec.spend.running.is_none() && spec.past.is_none()),
        new_customer_share: spec.new_customer_share.unwrap_or(1.0),
        lifetime_value: spec.lifetime_value,
        margin: spec.margin,
        fee: spec.fee.unwrap_or(0.0),
        attributes: spec.attributes.clone(),
        media: rate.map(|r| Box::new(r.media)),
        long_term: spec.long_term.as_ref().map(|l| Box::new((l.multiplier, l.source.clone()))),
        past,
        happened: spec.past.iter().flat_map(|p| &p.periods).map(|p| (p.spend, p.outcome)).collect(),
        observed_max: observed.map(|o| o.max * ratio),
        observed_min: observed.map(|o| o.min * ratio),
        observed_mean: observed.map(|o| o.mean * ratio),
        library_periods: periods,
        judgement,
        draws: draws.shared(),
        requires,
        excludes,
        flight: flight.map(Arc::new),
    })
}

/// The facts of a line in the order `min`, `max`, `deal`, past.
fn facts(spec: &LineSpec) -> Vec<Fact> {
    let deal = spec.deal.as_ref().and_then(|deal| {
        let flat = deal.flat.map(Deal::Flat);
        flat.or(deal.at_least.map(Deal::AtLeast)).or(deal.lots.map(Deal::Lots))
    });
    let bound = spec.past.as_ref().map(|p| p.spend + p.committed.unwrap_or(0.0)).filter(|&spent| spent > 0.0);
    let past = bound.map(|spent| Fact::Past { spent, over: false });
    let min = spec.spend.min.filter(|&m| m > 0.0).map(Fact::Min);
    let facts = [min, spec.spend.max.map(Fact::Max), deal.map(Fact::Deal), past];
    let mut facts: Vec<Fact> = facts.into_iter().flatten().collect();
    facts.shrink_to_fit();
    facts
}

/// A curve over the horizon, before prices.
struct Found<'a> {
    adstock: Option<&'a Adstock>,
    curve: Curve,
    outcome: Outcome,
    /// Spend observed.
    observed: Option<Observed>,
    /// Periods of the library in the horizon.
    periods: Option<f64>,
    draws: Draws,
    judgement: Option<String>,
}

impl Check<'_> {
    /// Records what is wrong with a field.
    pub(crate) fn wrong(&mut self, keys: &[&str], issue: Issue) {
        let mut field = format!("lines.{}", self.name);
        keys.iter().for_each(|key| field.extend([".", key]));
        self.faults.push(Fault { span: self.tree.along(keys).span, field, issue });
    }

    pub(crate) fn range(&mut self, keys: &[&str], value: Option<f64>, least: f64, most: f64, allowed: &str) {
        if let Some(value) = value.filter(|v| !(least..=most).contains(v)) {
            self.wrong(keys, Issue::out_of_range(value, allowed));
        }
    }

    fn numbers(&mut self, spec: &LineSpec) {
        const INF: f64 = f64::INFINITY;
        const NOT_NEGATIVE: &str = "at least 0";
        const FRACTION: &str = "a fraction from 0 to 1";
        if spec.name.trim().is_empty() {
            self.wrong(&["name"], Issue::missing("name", None));
        }
        let spend = spec.spend;
        self.range(&["spend", "current"], spend.current, 0.0, INF, NOT_NEGATIVE);
        self.range(&["spend", "running"], spend.running, 0.0, INF, NOT_NEGATIVE);
        self.range(&["spend", "min"], spend.min, 0.0, INF, NOT_NEGATIVE);
        self.range(&["spend", "max"], spend.max, 0.0, INF, NOT_NEGATIVE);
        if let (Some(min), Some(max)) = (spend.min, spend.max)
            && min > max
        {
            self.wrong(&["spend", "min"], Issue::MinOverMax { min, max });
        }
        self.range(&["reported"], spec.reported, 0.0, INF, NOT_NEGATIVE);
        if spec.reported.is_some() && spend.current.is_none() {
            let reason = "`reported`, which is what that spend returned".to_owned();
            self.wrong(&["spend"], Issue::missing("spend.current", Some(reason)));
        }
        self.range(&["revenue_per_customer"], spec.revenue_per_customer, 0.0, INF, NOT_NEGATIVE);
        self.range(&["new_customer_share"], spec.new_customer_share, 0.0, 1.0, FRACTION);
        self.range(&["margin"], spec.margin, -INF, 1.0, "a fraction of at most 1");
        self.range(&["fee"], spec.fee, 0.0, 1.0, FRACTION);
        if let Some(long_term) = &spec.long_term {
            self.range(&["long_term", "multiplier"], Some(long_term.multiplier), 0.0, INF, NOT_NEGATIVE);
        }
        if let Some(deal) = &spec.deal {
            self.deal(deal);
        }
        for tag in spec.tags.keys().filter(|t| t.as_str() == "name" || LineSpec::TAGS.contains(&t.as_str())) {
            let reason = "it has a field of its own".to_owned();
            let issue = Issue::NotAllowed { field: tag.clone(), with: "tags".to_owned(), reason };
            self.wrong(&["tags", tag], issue);
        }
    }

    fn deal(&mut self, deal: &DealSpec) {
        let given = [("flat", deal.flat), ("at_least", deal.at_least), ("lots", deal.lots)];
        let found = given.iter().filter(|(_, v)| v.is_some()).count();
        if found > 1 || (found == 0 && deal.tiers.is_empty()) {
            let fields = given.iter().map(|(f, _)| (*f).to_owned()).collect();
            let allowed = if found > 1 { "at most one" } else { "one of them, or `tiers`" };
            self.wrong(&["deal"], Issue::Choice { fields, found, allowed });
        }
        for (field, value) in given {
            if let Some(value) = value.filter(|&v| v <= 0.0) {
                self.wrong(&["deal", field], Issue::out_of_range(value, "above 0"));
            }
        }
    }

    fn curve<'a>(&mut self, spec: &LineSpec, context: &Context<'a>) -> Option<Found<'a>> {
        let name = match &spec.curve {
            Some(CurveRef::Curve(curve)) => {
                let curve = self.build(curve, spec.spend.current.unwrap_or(0.0), &["curve"]);
                let Some(outcome) = spec.outcome else {
                    let reason = "a curve written in place".to_owned();
                    self.wrong(&[], Issue::missing("outcome", Some(reason)));
                    return None;
                };
                let draws = Draws::default();
                let curve = curve?;
                return Some(Found {
                    adstock: None,
                    curve,
                    outcome,
                    observed: None,
                    periods: None,
                    draws,
                    judgement: spec.judgement.clone(),
                });
            }
            Some(CurveRef::Name(name)) => name,
            None => &spec.name,
        };
        if spec.judgement.is_some() {
            let (field, with) = ("judgement".to_owned(), "a curve of the library".to_owned());
            let reason = "the library says where its curve comes from; leave `judgement` out".to_owned();
            self.wrong(&["judgement"], Issue::NotAllowed { field, with, reason });
        }
        let Some(library) = context.library else {
            let issue = match &spec.curve {
                Some(_) => Issue::missing("curves", Some("a curve given by name".to_owned())),
                None => Issue::missing("curve", None),
            };
            self.wrong(if spec.curve.is_some() { &["curve"] } else { &[] }, issue);
            return None;
        };
        let Some(found) = library.curve(name) else {
            let what = format!("curve in {}", library.path.display());
            let keys: &[&str] = if spec.curve.is_some() { &["curve"] } else { &["name"] };
            self.wrong(keys, Issue::unknown_name(what, name, library.names()));
            return None;
        };
        if let Some(outcome) = spec.outcome.filter(|&o| o != found.outcome) {
            let text = |o: Outcome| if o == Outcome::Revenue { "revenue" } else { "customers" }.to_owned();
            let path = library.path.clone();
            let (found, other) = (text(outcome), text(found.outcome));
            self.wrong(&["outcome"], Issue::Mismatch { what: "outcome", found, other, path });
            return None;
        }
        let periods = self.periods(context, library)?;
        let current = spec.spend.current.unwrap_or(0.0) / periods;
        let exported = self.build(&found.curve, current, &["curve"])?;
        // What is expected is the mean of the curves, not a curve of means.
        let mean = library.mean(name);
        let averaged = mean.is_some();
        let curve = mean.cloned().unwrap_or(exported);
        let over = |o: Observed| Observed {
            min: o.min * periods,
            mean: o.mean * periods,
            max: o.max * periods,
            ..o
        };
        let observed = found.observed.map(over);
        let level = found.marginal.map_or(0.9, |m| m.level);
        let mut draws = Draws::of_library(library.draws(name), level, averaged);
        (draws.current, draws.stretch) = (current, (periods, periods));
        draws.adstock = found.adstock.clone();
        draws.on_prior = found.quality.get("rests_on_prior").copied().flatten();
        let curve = curve.stretched(periods, periods);
        let (outcome, judgement) = (found.outcome, found.judgement());
        let adstock = found.adstock.as_ref();
        Some(Found { adstock, curve, outcome, observed, periods: Some(periods), draws, judgement })
    }

    /// Number of the library's periods in the horizon: F(X) = T f(X / T).
    fn periods(&mut self, context: &Context, library: &Library) -> Option<f64> {
        let path = || library.path.clone();
        if let Some(other) = library.file.currency.as_deref()
            && context.currency != Some(other)
        {
            let issue = match context.currency {
                None => Issue::missing("currency", Some(format!("a library in {other}"))),
                Some(found) => Issue::Mismatch {
                    what: "currency",
                    found: found.to_owned(),
                    other: other.to_owned(),
                    path: path(),
                },
            };
            self.of_library(context, issue);
            return None;
        }
        let Some(unit) = library.file.unit.as_deref() else { return Some(1.0) };
        let issue = match context.horizon {
            Some(horizon) if horizon.unit == unit => return Some(f64::from(horizon.periods)),
            Some(horizon) => Issue::Mismatch {
                what: "unit",
                found: horizon.unit.clone(),
                other: unit.to_owned(),
                path: path(),
            },
            None => Issue::missing("horizon", Some(format!("a library of curves per {unit}"))),
        };
        self.of_library(context, issue);
        None
    }

    /// Records what is wrong with the library, whatever the line.
    fn of_library(&mut self, context: &Context, issue: Issue) {
        let span = context.curves.unwrap_or(self.tree.span);
        self.faults.push(Fault { span, field: "curves".to_owned(), issue });
    }

    fn build(&mut self, spec: &CurveSpec, current: f64, keys: &[&str]) -> Option<Curve> {
        let error = match spec.made(current) {
            Ok(curve) => return Some(curve),
            Err(error) => error,
        };
        let parameter = match &error {
            CurveError::Parameter { parameter, .. } => Some(*parameter),
            CurveError::EmptyTable | CurveError::SpendOrder { .. } | CurveError::OutcomeFalls { .. } => {
                Some("points")
            }
            CurveError::TierOrder { .. } => None,
        };
        let keys: Vec<&str> = keys.iter().copied().chain(parameter).collect();
        self.wrong(&keys, Issue::Curve(error));
        None
    }

    /// A stated spread, of a curve that has no draws.
    fn spread(&mut self, spec: &LineSpec, draws: &Draws) {
        let Some(spread) = spec.uncertainty else { return };
        if !(spread > 0.0 && spread <= 5.0) {
            let allowed = "a relative standard deviation above 0 and at most 5, like 0.3";
            self.wrong(&["uncertainty"], Issue::out_of_range(spread, allowed));
        } else if !draws.is_empty() {
            let (field, with) = ("uncertainty".to_owned(), "a curve with draws".to_owned());
            let reason = "the library says how sure its curve is; leave `uncertainty` out".to_owned();
            self.wrong(&["uncertainty"], Issue::NotAllowed { field, with, reason });
        }
    }

    fn past(&mut self, past: &PastSpec) -> Option<Past> {
        let PastSpec { share, spend, outcome, committed, ref periods } = *past;
        let inside = "a fraction from 0 to below 1: what is over of the horizon";
        self.range(&["past", "share"], Some(share), 0.0, 1.0_f64.next_down(), inside);
        for (i, period) in periods.iter().enumerate() {
            let at = i.to_string();
            self.range(
                &["past", "periods", &at, "spend"],
                Some(period.spend),
                0.0,
                f64::INFINITY,
                "at least 0",
            );
        }
        self.range(&["past", "spend"], Some(spend), 0.0, f64::INFINITY, "at least 0");
        self.range(&["past", "committed"], committed, 0.0, f64::INFINITY, "at least 0");
        if spend == 0.0 && outcome != 0.0 {
            let reason = "nothing was spent that could have earned it".to_owned();
            let issue =
                Issue::NotAllowed { field: "outcome".to_owned(), with: "spend = 0".to_owned(), reason };
            self.wrong(&["past", "outcome"], issue);
        }
        self.faults.is_empty().then_some(Past { share, spend, outcome, committed: committed.unwrap_or(0.0) })
    }

    /// The curve from what has happened on; `curve` is that of the rest.
    fn resumed(&mut self, curve: Curve, past: Option<Past>) -> Curve {
        let Some(past) = past.filter(|p| p.spend > 0.0) else { return curve };
        match curve.clone().resumed(past.spend, past.outcome) {
            Ok(resumed) => resumed,
            Err(error) => {
                self.wrong(&["past"], Issue::Curve(error));
                curve
            }
        }
    }

    /// Price tiers; of those that count money already spent, what is left.
    fn tiers(&mut self, deal: Option<&DealSpec>, spent: f64) -> Vec<Tier> {
        let Some(deal) = deal else { return Vec::new() };
        if let Some(tier) = deal.tiers.iter().find(|t| t.discount >= 1.0) {
            self.wrong(&["deal", "tiers"], Issue::out_of_range(tier.discount, "a discount below 1"));
            return Vec::new();
        }
        let tier =
            |t: &crate::files::spec::TierSpec| Tier { from: t.from - spent, units: 1.0 / (1.0 - t.discount) };
        let mut tiers: Vec<Tier> = deal.tiers.iter().map(tier).collect();
        // Of several tiers reached already the last one holds.
        let reached = tiers.iter().filter(|t| t.from <= 0.0).count();
        if spent > 0.0 && reached > 0 {
            tiers.drain(..reached - 1);
            tiers[0].from = 0.0;
        }
        tiers
    }

    fn tiered(&mut self, curve: Curve, tiers: &[Tier]) -> Curve {
        if tiers.is_empty() {
            return curve;
        }
        match curve.clone().tiered(tiers) {
            Ok(tiered) => tiered,
            Err(error) => {
                self.wrong(&["deal", "tiers"], Issue::Curve(error));
                curve
            }
        }
    }

    /// Facts that leave no spend, and spends the curve does not cover.
    fn reach(&mut self, spec: &LineSpec, curve: &Curve, facts: &[Fact]) {
        let last = curve.last_spend();
        let beyond = format!("at most {last}, the last point of the curve");
        for (field, value) in [("max", spec.spend.max), ("min", spec.spend.min)] {
            if let Some(value) = value.filter(|&v| v > last) {
                self.wrong(&["spend", field], Issue::out_of_range(value, &beyond));
            }
        }
        let sane = self.faults.is_empty();
        if sane && Line::new(curve.clone(), 0.0, facts.to_vec()).domain().is_empty() {
            let reason = "no spend satisfies both".to_owned();
            let issue = Issue::NotAllowed { field: "deal".to_owned(), with: "spend".to_owned(), reason };
            self.wrong(&["deal"], issue);
        }
    }

    /// Customers and revenue per unit of the curve.
    fn conversion(&mut self, spec: &LineSpec, outcome: Outcome) -> (Option<f64>, Option<f64>) {
        let each = spec.revenue_per_customer;
        match outcome {
            Outcome::Customers => (Some(1.0), each),
            Outcome::Revenue => {
                if each == Some(0.0) {
                    self.wrong(&["revenue_per_customer"], Issue::out_of_range(0.0, "above 0"));
                }
                (each.map(|e| 1.0 / e), Some(1.0))
            }
        }
    }

    /// A line cannot need another and rule it out.
    fn apart(&mut self, spec: &LineSpec) {
        for name in spec.excludes.iter().filter(|name| spec.requires.contains(name)) {
            let reason = format!("both name `{name}`");
            let (field, with) = ("excludes".to_owned(), "requires".to_owned());
            self.wrong(&["excludes"], Issue::NotAllowed { field, with, reason });
        }
    }

    fn others(&mut self, names: &[String], field: &str, context: &Context) -> Vec<usize> {
        let mut indices = Vec::new();
        for name in names {
            match context.names.get(name) {
                Some(_) if name == self.name => {
                    let reason = "a line cannot name itself".to_owned();
                    let issue = Issue::NotAllowed { field: name.clone(), with: field.to_owned(), reason };
                    self.wrong(&[field], issue);
                }
                Some(&index) => indices.push(index),
                None => {
                    let mut known: Vec<String> = context.names.keys().cloned().collect();
                    known.sort();
                    self.wrong(&[field], Issue::unknown_name("line", name, known));
                }
            }
        }
        indices
    }
}
