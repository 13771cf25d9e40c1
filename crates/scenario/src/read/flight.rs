//! A line's flight as written to the flight as meant.

use outlay_curves::fit;

use crate::files::diagnostic::Issue;
use crate::files::library::Adstock;
use crate::files::spec::{FlightSpec, LineSpec, OneOrMany, PlanBy};
use crate::model::calendar::{Calendar, only_by_period, wrong_index};
use crate::model::flight::{Flight, Kernel};
use crate::read::line::{Check, Context};

/// Largest retention: beyond, what is left lasts for hundreds of periods.
const LONGEST: f64 = 0.97;

impl Check<'_> {
    /// The flight of a line; `None` where the horizon is planned in total, or
    /// where something is wrong.
    pub(crate) fn flight(
        &mut self,
        spec: &LineSpec,
        context: &Context,
        library: Option<&Adstock>,
    ) -> Option<Flight> {
        let Some(calendar) = context.calendar else {
            // A horizon that cannot be used is reported where it stands.
            let by_period = context.horizon.is_some_and(|h| h.plan == Some(PlanBy::ByPeriod));
            if spec.flight.is_some() && !by_period {
                self.wrong(&["flight"], only_by_period("flight"));
            }
            if let Some(adstock) = &spec.adstock {
                self.kernel(adstock);
            }
            return None;
        };
        let before = self.faults.len();
        self.unsupported(spec);
        let empty = FlightSpec::default();
        let flight = spec.flight.as_deref().unwrap_or(&empty);
        let count = calendar.periods.len();
        let min = self.each(flight.min.as_ref(), "min", count, 0.0);
        let max = self.each(flight.max.as_ref(), "max", count, f64::INFINITY);
        if let Some((&min, &max)) = min.iter().zip(&max).find(|(min, max)| min > max) {
            self.wrong(&["flight", "min"], Issue::MinOverMax { min, max });
        }
        let blackout = self.blackout(flight, calendar);
        self.rules(flight);
        let demand = self.index(flight.demand.as_ref(), "demand", &calendar.demand);
        let price = self.index(flight.price.as_ref(), "price", &calendar.price);
        let kernel = match spec.adstock.as_deref().or(library) {
            Some(adstock) => self.kernel(adstock)?,
            None => Kernel::Geometric(0.0),
        };
        let opening = self.opening(flight, &kernel, count);
        let (past, started, committed) = self.flown(flight, count);
        let measured = self.measured(flight, calendar);
        let surplus = flight.past.as_ref().and_then(|p| p.surplus).unwrap_or(0.0);
        (self.faults.len() == before).then_some(Flight {
            min,
            max,
            blackout,
            at_least: flight.at_least,
            on_at_least: flight.on_at_least,
            bursts: flight.bursts,
            smooth: flight.smooth,
            demand,
            price,
            kernel,
            opening,
            past,
            started,
            committed,
            measured,
            surplus,
        })
    }

    /// Spends of the periods that are over, what the next one has begun with,
    /// and what is bound.
    fn flown(&mut self, flight: &FlightSpec, count: usize) -> (Vec<f64>, f64, f64) {
        let Some(past) = &flight.past else { return (Vec::new(), 0.0, 0.0) };
        let (started, committed) = (past.started.unwrap_or(0.0), past.committed.unwrap_or(0.0));
        let all = past.spend.iter().map(|&x| ("spend", x));
        for (field, number) in all.chain([("started", started), ("committed", committed)]) {
            if !(number >= 0.0 && number.is_finite()) {
                self.wrong(&["flight", "past", field], Issue::out_of_range(number, "at least 0"));
            }
        }
        if past.spend.len() >= count {
            let allowed = format!("fewer periods than the horizon has, {count}");
            self.wrong(&["flight", "past", "spend"], Issue::out_of_range(past.spend.len() as f64, &allowed));
        }
        (past.spend.clone(), started, committed)
    }

    /// What was measured in periods that are over.
    fn measured(&mut self, flight: &FlightSpec, calendar: &Calendar) -> Vec<Option<f64>> {
        let Some(past) = &flight.past else { return Vec::new() };
        let mut measured = vec![None; past.spend.len()];
        let field = ["flight", "past", "measured"];
        for told in &past.measured {
            let at = calendar.periods.iter().position(|p| p.name == told.period);
            match at.and_then(|t| measured.get_mut(t)) {
                _ if !told.outcome.is_finite() => {
                    self.wrong(&field, Issue::out_of_range(told.outcome, "a number"));
                }
                Some(Some(_)) => {
                    let issue = Issue::DuplicateName { what: "period", name: told.period.clone() };
                    self.wrong(&field, issue);
                }
                Some(slot) => *slot = Some(told.outcome),
                None => {
                    let over = calendar.names().into_iter().take(past.spend.len()).collect();
                    self.wrong(&field, Issue::unknown_name("period that is over", &told.period, over));
                }
            }
        }
        if let Some(surplus) = past.surplus.filter(|s| !s.is_finite()) {
            self.wrong(&["flight", "past", "surplus"], Issue::out_of_range(surplus, "a number"));
        }
        measured
    }

    /// What has no meaning over several periods yet.
    fn unsupported(&mut self, spec: &LineSpec) {
        let with = "plan = \"by_period\"";
        let mut refuse = |field: &str, reason: &str| {
            let (field, with, reason) = (field.to_owned(), with.to_owned(), reason.to_owned());
            let top = field.clone();
            self.wrong(&[&top], Issue::NotAllowed { field, with, reason });
        };
        if spec.deal.as_ref().is_some_and(|deal| !deal.tiers.is_empty()) {
            refuse("deal", "what a tier costs in a period would depend on all that was bought before");
        }
        if spec.past.is_some() {
            refuse("past", "write `flight.past`, which has what was spent in each period");
        }
    }

    /// A number for each period.
    fn each(&mut self, list: Option<&OneOrMany<f64>>, field: &str, count: usize, absent: f64) -> Vec<f64> {
        let numbers = match list {
            None => return vec![absent; count],
            Some(OneOrMany::One(number)) => vec![*number; count],
            Some(OneOrMany::Many(numbers)) => numbers.clone(),
        };
        if numbers.len() != count {
            let allowed = format!("the number of periods, {count}: one number for each");
            self.wrong(&["flight", field], Issue::out_of_range(numbers.len() as f64, &allowed));
            return vec![absent; count];
        }
        if let Some(&number) = numbers.iter().find(|n| !(**n >= 0.0 && n.is_finite())) {
            self.wrong(&["flight", field], Issue::out_of_range(number, "at least 0"));
        }
        numbers
    }

    fn blackout(&mut self, flight: &FlightSpec, calendar: &Calendar) -> Vec<bool> {
        let mut blackout = vec![false; calendar.periods.len()];
        for text in flight.blackout.iter().flat_map(|b| b.as_slice()) {
            match calendar.select(text) {
                Some(periods) => periods.into_iter().for_each(|t| blackout[t] = true),
                None => {
                    let issue = Issue::unknown_name("period", text, calendar.names());
                    self.wrong(&["flight", "blackout"], issue);
                }
            }
        }
        blackout
    }

    fn rules(&mut self, flight: &FlightSpec) {
        if let Some(least) = flight.at_least.filter(|&x| x <= 0.0) {
            self.wrong(&["flight", "at_least"], Issue::out_of_range(least, "above 0"));
        }
        if let Some(smooth) = flight.smooth.filter(|&x| x < 0.0) {
            self.wrong(&["flight", "smooth"], Issue::out_of_range(smooth, "at least 0"));
        }
        for (field, number) in [("on_at_least", flight.on_at_least), ("bursts", flight.bursts)] {
            if number == Some(0) {
                self.wrong(&["flight", field], Issue::out_of_range(0.0, "at least 1"));
            }
            if number.is_some() && flight.at_least.is_none() {
                let reason = Some(format!("`flight.{field}`: otherwise a cent counts as on"));
                self.wrong(&["flight", field], Issue::missing("flight.at_least", reason));
            }
        }
    }

    /// An index of the line times that of the horizon.
    fn index(&mut self, list: Option<&Vec<f64>>, field: &str, common: &[f64]) -> Vec<f64> {
        let Some(list) = list else { return common.to_vec() };
        if let Some(issue) = wrong_index(list, common.len()) {
            self.wrong(&["flight", field], issue);
        }
        list.iter().zip(common).map(|(own, common)| own * common).collect()
    }

    /// The kernel of an adstock; weights that do not sum to 1 are scaled.
    fn kernel(&mut self, adstock: &Adstock) -> Option<Kernel> {
        const KINDS: [&str; 5] = ["none", "geometric", "delayed", "weibull", "weights"];
        if let Some(weights) = &adstock.weights {
            let sum: f64 = weights.iter().sum();
            if weights.iter().any(|w| !(*w >= 0.0 && w.is_finite())) || !(sum > 0.0 && sum.is_finite()) {
                let bad = weights.iter().copied().find(|w| *w < 0.0 || !w.is_finite()).unwrap_or(sum);
                self.wrong(
                    &["adstock", "weights"],
                    Issue::out_of_range(bad, "at least 0, with a sum above 0"),
                );
                return None;
            }
            return Some(Kernel::Weights(weights.iter().map(|w| w / sum).collect()));
        }
        let missing = |check: &mut Self, field: &str| {
            let reason = Some(format!("an adstock of kind {}", adstock.kind));
            check.wrong(&["adstock"], Issue::missing(field, reason));
            None
        };
        match adstock.kind.as_str() {
            "none" => Some(Kernel::Geometric(0.0)),
            "geometric" => {
                let Some(r) = adstock.retention else { return missing(self, "retention") };
                let allowed = format!("a share from 0 to {LONGEST}");
                self.range(&["adstock", "retention"], Some(r), 0.0, LONGEST, &allowed);
                (0.0..=LONGEST).contains(&r).then_some(Kernel::Geometric(r))
            }
            "delayed" => {
                let Some(retention) = adstock.retention else { return missing(self, "retention") };
                let Some(delay) = adstock.delay else { return missing(self, "delay") };
                self.range(
                    &["adstock", "retention"],
                    Some(retention),
                    1e-6,
                    LONGEST,
                    "a share above 0 and at most 0.97",
                );
                self.range(&["adstock", "delay"], Some(delay), 0.0, 12.0, "from 0 to 12 periods");
                let sane = (1e-6..=LONGEST).contains(&retention) && (0.0..=12.0).contains(&delay);
                let mut spend = [0.0; 13];
                spend[0] = 1.0;
                let kernel = fit::Adstock::Delayed { retention, peak: delay.round() as usize };
                sane.then(|| Kernel::Weights(kernel.apply(&spend, 0.0)))
            }
            "weibull" | "weights" => missing(self, "weights"),
            other => {
                let known = KINDS.map(str::to_owned).to_vec();
                self.wrong(&["adstock", "kind"], Issue::unknown_name("kind of adstock", other, known));
                None
            }
        }
    }

    /// Stocks that earlier spend leaves in every period and after the horizon.
    fn opening(&mut self, flight: &FlightSpec, kernel: &Kernel, count: usize) -> Vec<f64> {
        let numbers = flight.opening.as_ref().map_or(&[][..], |o| o.as_slice());
        if let Some(&number) = numbers.iter().find(|n| !(**n >= 0.0 && n.is_finite())) {
            self.wrong(&["flight", "opening"], Issue::out_of_range(number, "at least 0"));
        }
        let length = count + kernel.tail();
        match &flight.opening {
            None => vec![0.0; length],
            Some(OneOrMany::One(steady)) => kernel.left(&[], *steady, length),
            Some(OneOrMany::Many(recent)) => kernel.left(recent, 0.0, length),
        }
    }
}
