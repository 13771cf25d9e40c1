//! Audiences as written: their members, and what those return together.

use std::collections::HashMap;
use std::sync::Arc;

use outlay_curves::Curve;

use super::{Check, NEAR, ROOM};
use crate::files::diagnostic::Issue;
use crate::files::spec::{AudienceSpec, CurveSpec, ReachSpec};
use crate::model::meeting::{Audience, Meeting, Member};

impl Check<'_> {
    /// The audiences, those that others contain first; nothing if one of them
    /// is wrong.
    pub(super) fn audiences(&mut self, specs: &[AudienceSpec]) -> Option<Vec<Audience>> {
        let before = self.faults.len();
        let line_of: HashMap<&str, usize> =
            self.lines.iter().enumerate().map(|(i, l)| (l.name.as_str(), i)).collect();
        let mut place: HashMap<&str, usize> = HashMap::new();
        for (k, spec) in specs.iter().enumerate() {
            self.look_at("audiences", k, &spec.name);
            if spec.name.trim().is_empty() {
                self.wrong(&["name"], Issue::missing("name", None));
            }
            if line_of.contains_key(spec.name.as_str()) {
                let name = spec.name.clone();
                self.wrong(&["name"], Issue::NameTaken { what: "audience", name, by: "a line" });
            } else if place.insert(&spec.name, k).is_some() {
                self.wrong(&["name"], Issue::DuplicateName { what: "audience", name: spec.name.clone() });
            }
        }
        let mut members = Vec::with_capacity(specs.len());
        for (k, spec) in specs.iter().enumerate() {
            self.look_at("audiences", k, &spec.name);
            members.push(self.members(spec, &line_of, &place));
        }
        self.once(specs, &members);
        let order = self.order(specs, &members)?;
        let mut at = vec![0; specs.len()];
        order.iter().enumerate().for_each(|(new, &old)| at[old] = new);
        let mut audiences = Vec::with_capacity(specs.len());
        for &k in &order {
            let spec = &specs[k];
            self.look_at("audiences", k, &spec.name);
            let curve = match &spec.reach {
                Some(reach) if spec.curve.is_none() => self.reached(reach, &members[k])?,
                _ => self.shared(spec)?,
            };
            let renamed = members[k].iter().map(|m| match *m {
                Member::Audience(a) => Member::Audience(at[a]),
                line @ Member::Line(_) => line,
            });
            let renamed: Vec<Member> = renamed.collect();
            let built = Meeting { audiences, ..Meeting::default() };
            let most: f64 = renamed.iter().map(|&m| self.most_returned(&built, m)).sum();
            audiences = built.audiences;
            if most > curve.last_spend() {
                let end = curve.last_spend();
                let reason =
                    format!("it ends at {end}, and its lines can add up to {most}; give more points");
                self.refuse(&["curve"], "curve", "its lines", reason);
            }
            audiences.push(Audience {
                name: spec.name.clone(),
                members: renamed,
                reach: spec.reach.is_some(),
                identity: matches!(spec.curve, Some(CurveSpec::Linear { rate: 1.0 })),
                curve,
                draws: Arc::new([]),
                source: spec.source.clone(),
            });
        }
        (self.faults.len() == before).then_some(audiences)
    }

    fn members(
        &mut self,
        spec: &AudienceSpec,
        line_of: &HashMap<&str, usize>,
        place: &HashMap<&str, usize>,
    ) -> Vec<Member> {
        let found = usize::from(spec.lines.is_some()) + usize::from(spec.selection.is_some());
        if found != 1 {
            let fields = vec!["lines".to_owned(), "where".to_owned()];
            self.wrong(&[], Issue::Choice { fields, found, allowed: "exactly one" });
            return Vec::new();
        }
        let key = if spec.lines.is_some() { "lines" } else { "where" };
        let mut members: Vec<Member> = Vec::new();
        for name in spec.lines.iter().flatten() {
            let own = line_of.get(name.as_str()).map(|&i| Member::Line(i));
            match own.or_else(|| place.get(name.as_str()).map(|&a| Member::Audience(a))) {
                Some(member) if members.contains(&member) => {
                    self.refuse(&[key], name, "itself", "it is named twice");
                }
                Some(member) => members.push(member),
                None => {
                    let known = line_of.keys().chain(place.keys()).map(|&n| n.to_owned());
                    let mut known: Vec<String> = known.collect();
                    known.sort_unstable();
                    self.wrong(&[key], Issue::unknown_name("line or audience", name, known));
                }
            }
        }
        if let Some(selection) = &spec.selection {
            members.extend(self.select(selection, "where").into_iter().map(Member::Line));
        }
        if members.is_empty() && self.faults.is_empty() {
            self.refuse(&[key], key, "an audience", "it has no lines");
        }
        members
    }

    /// Refuses what is a member of two audiences.
    fn once(&mut self, specs: &[AudienceSpec], members: &[Vec<Member>]) {
        for (k, own) in members.iter().enumerate() {
            for member in own {
                let Some(first) = members[..k].iter().position(|m| m.contains(member)) else { continue };
                let name = match *member {
                    Member::Line(i) => self.lines[i].name.clone(),
                    Member::Audience(a) => specs[a].name.clone(),
                };
                self.look_at("audiences", k, &specs[k].name);
                let reason = format!(
                    "a line is in one audience at most; make audience {} a member of this one instead",
                    specs[first].name
                );
                let key = if specs[k].lines.is_some() { "lines" } else { "where" };
                self.refuse(
                    &[key],
                    &name,
                    &format!("audience {}, which has it too", specs[first].name),
                    reason,
                );
            }
        }
    }

    /// Members before what contains them; nothing where audiences contain each
    /// other.
    fn order(&mut self, specs: &[AudienceSpec], members: &[Vec<Member>]) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = Vec::with_capacity(members.len());
        while order.len() < members.len() {
            let settled = |m: &Member| !matches!(m, Member::Audience(a) if !order.contains(a));
            let next = (0..members.len()).find(|k| !order.contains(k) && members[*k].iter().all(settled));
            let Some(next) = next else {
                let stuck: Vec<usize> = (0..members.len()).filter(|k| !order.contains(k)).collect();
                let names: Vec<&str> = stuck.iter().map(|&k| specs[k].name.as_str()).collect();
                let first = *stuck.first()?;
                self.look_at("audiences", first, &specs[first].name);
                let reason = match &names[..] {
                    [one] => format!("{one} contains itself"),
                    _ => format!("{} contain each other in a circle", names.join(", ")),
                };
                self.refuse(&["lines"], names[0], "itself", reason);
                return None;
            };
            order.push(next);
        }
        Some(order)
    }

    /// `G`: concave with slope 1 at 0.
    fn shared(&mut self, spec: &AudienceSpec) -> Option<Curve> {
        if spec.reach.is_some() == spec.curve.is_some() {
            let fields = vec!["curve".to_owned(), "reach".to_owned(), "fitted".to_owned()];
            let found = if spec.curve.is_some() { 2 } else { 0 };
            self.wrong(&[], Issue::Choice { fields, found, allowed: "exactly one" });
            return None;
        }
        let curve = match spec.curve.as_ref()?.made(1.0) {
            Ok(curve) => curve,
            Err(error) => {
                self.wrong(&["curve"], Issue::Curve(error));
                return None;
            }
        };
        let slope = curve.marginal(0.0);
        if !curve.is_concave() {
            let reason =
                "what lines return together cannot rise faster the more it is; choose a concave curve";
            self.refuse(&["curve"], "curve", "an audience", reason);
        } else if (slope - 1.0).abs() > NEAR {
            let reason = format!(
                "its slope at 0 is {slope} and must be 1: the first that a line returns overlaps with nothing; \
                 for an exponential curve write scale = ceiling"
            );
            self.refuse(&["curve"], "curve", "an audience", reason);
        }
        Some(curve)
    }

    /// Reach of several lines as `G` of a sum: with `u_i = -ln(1 - d r_i)`,
    /// `(1 - prod(1 - d r_i)) / d = (1 - exp(-sum u_i)) / d`.
    fn reached(&mut self, reach: &ReachSpec, members: &[Member]) -> Option<Curve> {
        let before = self.faults.len();
        let d = reach.duplication.unwrap_or(1.0);
        for (field, value, allowed, fits) in [
            ("population", reach.population, "above 0", reach.population > 0.0),
            ("value", reach.value, "above 0", reach.value > 0.0),
            ("duplication", d, "from 0 (none) to 1 (by chance)", (0.0..=1.0).contains(&d)),
        ] {
            if !fits {
                self.wrong(&["reach", field], Issue::out_of_range(value, allowed));
            }
        }
        let mut missed = 1.0;
        let mut sum = 0.0;
        for &member in members {
            let Member::Line(i) = member else {
                let reason = "reach adds up over lines; name the lines themselves";
                self.refuse(&["reach"], "reach", "audiences as members", reason);
                return None;
            };
            self.seasonless(&["reach"], i);
            let line = &self.lines[i];
            let (name, most) = (line.name.clone(), line.curve.ceiling());
            if !line.draws.is_empty() {
                let reason =
                    "its curve comes with draws, which cannot be read as reach; write the curve in place";
                self.refuse(&["reach"], &name, "reach", reason);
            } else if most > 1.0 + ROOM {
                let reason = format!(
                    "its curve is read as the share of the population reached and goes up to {most}; divide it by the population"
                );
                self.refuse(&["reach"], &name, "reach", reason);
            } else if d > 0.0 {
                match line.curve.exposed(d) {
                    Some(curve) => self.exposed.push((i, curve)),
                    None => {
                        let reason = "reach is a hill, michaelis_menten, exponential, logistic, s_logistic or table curve, without price tiers";
                        self.refuse(&["reach"], &name, "reach", reason);
                    }
                }
            }
            missed *= 1.0 - d * most;
            sum += most;
        }
        let all = if d > 0.0 { (1.0 - missed) / d } else { sum };
        if self.faults.len() == before && all > 1.0 + ROOM {
            let reason = format!(
                "the lines can reach {all} of the population together; raise `duplication`, or lower the curves"
            );
            self.refuse(&["reach", "duplication"], "duplication", "these curves", reason);
        }
        if self.faults.len() > before {
            return None;
        }
        let worth = reach.population * reach.value;
        if d > 0.0 { Curve::exponential(worth / d, 1.0).ok() } else { Curve::linear(worth).ok() }
    }
}
