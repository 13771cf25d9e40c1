//! Audiences and pools as written to the lines that meet in them.

use std::collections::HashMap;
use std::sync::Arc;

use outlay_curves::Curve;

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::spec::{AudienceSpec, CurveSpec, DemandSpec, Metric, Selection};
use crate::files::spec::{ReachSpec, ScenarioFile};
use crate::files::tree::{Node, Tree};
use crate::model::meeting::{Audience, Meeting, Member, Pool, Root, Web};
use crate::model::scenario::{ScenarioLimit, ScenarioLine};
use crate::read::{select, under_way};

type Lines = [Arc<ScenarioLine>];

/// Most pools of a scenario.
const MOST_POOLS: usize = 3;
/// How far a slope at 0 may be from 1: that of a number with few digits.
const NEAR: f64 = 1e-6;
/// How far shares may add up beyond 1.
const ROOM: f64 = 1e-9;

/// How the lines of a scenario meet.
pub(crate) fn resolve(
    header: &ScenarioFile,
    tree: &Tree,
    lines: &mut [Arc<ScenarioLine>],
    faults: &mut Vec<Fault>,
) -> Meeting {
    if header.audiences.is_empty() && header.demand.is_empty() {
        return Meeting::default();
    }
    // Lines are judged as if nothing had happened yet.
    let mut whole: Vec<Arc<ScenarioLine>> = lines.iter().map(under_way::whole).collect();
    let part = |list| (list, 0, String::new());
    let mut check = Check { tree, lines: &whole, faults, part: part("audiences"), exposed: Vec::new() };
    let audiences = check.audiences(&header.audiences);
    let exposed = std::mem::take(&mut check.exposed);
    let Some(audiences) = audiences else { return Meeting::default() };
    for (i, curve) in exposed {
        if let Some(line) = whole.get_mut(i) {
            *line = Arc::new(ScenarioLine { curve, ..line.as_ref().clone() });
        }
    }
    let mut check = Check { tree, lines: &whole, faults, part: part("demand"), exposed: Vec::new() };
    let mut meeting = Meeting { audiences, ..Meeting::default() };
    check.pools(&mut meeting, &header.demand);
    meeting.webs = webs(&meeting);
    if check.faults.is_empty() {
        check.alike(&meeting);
    }
    let left = check.left(&meeting);
    if !check.faults.is_empty() {
        return Meeting::default();
    }
    under_way::go_on(&meeting, &whole, &left, lines)
}

/// Refuses limits that ask what some lines of a web earn by themselves, and
/// plans by period.
pub(crate) fn limits<'a>(
    meeting: &Meeting,
    lines: &Lines,
    limits: &[Arc<ScenarioLimit>],
    limit_tree: &dyn Fn(usize) -> &'a Tree,
    faults: &mut Vec<Fault>,
) {
    for (k, limit) in limits.iter().enumerate() {
        let earned = matches!(
            limit.spec.metric,
            Metric::Revenue
                | Metric::Customers
                | Metric::LifetimeValue
                | Metric::Profit
                | Metric::Cac
                | Metric::Mer
                | Metric::Iroas
                | Metric::LtvToCac
                | Metric::Mroas
        );
        let split = limit.groups.iter().filter(|_| earned).find_map(|group| {
            let has = |i: &usize| group.lines.as_ref().is_none_or(|l| l.contains(i));
            let web = meeting.webs.iter().find(|web| {
                let inside = web.lines.iter().filter(|i| has(i)).count();
                inside > 0 && (inside < web.lines.len() || limit.spec.metric == Metric::Mroas)
            })?;
            let out = web.lines.iter().find(|i| !has(i)).or(web.lines.first())?;
            let own = web.lines.iter().find(|i| has(i))?;
            Some((lines.get(*own)?.name.clone(), lines.get(*out)?.name.clone()))
        });
        let Some((own, out)) = split else { continue };
        let place = limit_tree(k);
        let span = place.get("metric").map_or(place.span, |t| t.span);
        let reason = if limit.spec.metric == Metric::Mroas {
            format!("what the last unit of {own} earns depends on the lines it meets; limit `spend` instead")
        } else {
            format!(
                "what {own} earns depends on {out}, which the limit leaves out; take all lines that meet \
                 into its `where`, or none, or limit `spend`"
            )
        };
        let field = format!("limits.{}.metric", limit.name);
        let with = "lines that meet".to_owned();
        faults.push(Fault {
            span,
            field,
            issue: Issue::NotAllowed { field: limit.spec.metric.to_string(), with, reason },
        });
    }
}

struct Check<'a> {
    tree: &'a Tree,
    lines: &'a Lines,
    faults: &'a mut Vec<Fault>,
    /// The list, place in it and name of what is looked at.
    part: (&'static str, usize, String),
    /// Curves of reach as what adds up.
    exposed: Vec<(usize, Curve)>,
}

impl Check<'_> {
    fn look_at(&mut self, list: &'static str, index: usize, name: &str) {
        self.part = (list, index, name.to_owned());
    }

    fn wrong(&mut self, keys: &[&str], issue: Issue) {
        let (list, index, name) = &self.part;
        let mut place = self.tree;
        if let Some(Node::List(items)) = self.tree.get(list).map(|t| &t.node) {
            place = items.get(*index).unwrap_or(place);
        }
        let mut field = format!("{list}.{name}");
        for key in keys {
            place = place.get(key).unwrap_or(place);
            field.push('.');
            field.push_str(key);
        }
        self.faults.push(Fault { span: place.span, field, issue });
    }

    fn refuse(&mut self, keys: &[&str], field: &str, with: &str, reason: impl Into<String>) {
        let (field, with) = (field.to_owned(), with.to_owned());
        self.wrong(keys, Issue::NotAllowed { field, with, reason: reason.into() });
    }

    /// What no member may be: by period.
    fn member(&mut self, keys: &[&str], i: usize) {
        let line = &self.lines[i];
        let name = line.name.clone();
        if line.flight.is_some() {
            let reason =
                "lines that meet are planned in total: what one returns in a period is not proven yet";
            self.refuse(keys, &name, "plan = \"by_period\"", reason);
        }
    }

    /// The audiences, those that others contain first; nothing if one of them
    /// is wrong.
    fn audiences(&mut self, specs: &[AudienceSpec]) -> Option<Vec<Audience>> {
        let before = self.faults.len();
        let line_of: HashMap<&str, usize> =
            self.lines.iter().enumerate().map(|(i, l)| (l.name.as_str(), i)).collect();
        let mut place: HashMap<&str, usize> = HashMap::new();
        for (k, spec) in specs.iter().enumerate() {
            self.look_at("audiences", k, &spec.name);
            if line_of.contains_key(spec.name.as_str()) || place.insert(&spec.name, k).is_some() {
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
        for member in &members {
            if let Member::Line(i) = *member {
                self.member(&[key], i);
            }
        }
        members
    }

    fn select(&mut self, selection: &Selection, key: &str) -> Vec<usize> {
        for (tag, issue) in select::unknown(selection, self.lines) {
            self.wrong(&[key, &tag], issue);
        }
        select::matching(selection, self.lines)
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
                let reason = format!("{} contain each other in a circle", names.join(", "));
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
            let fields = vec!["curve".to_owned(), "reach".to_owned()];
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

    fn pools(&mut self, meeting: &mut Meeting, specs: &[DemandSpec]) {
        let mut roles: HashMap<usize, (String, &str)> = HashMap::new();
        for (k, spec) in specs.iter().enumerate() {
            self.look_at("demand", k, &spec.name);
            if k >= MOST_POOLS {
                let reason = format!("at most {MOST_POOLS} pools are proven");
                self.refuse(&["name"], &spec.name, "as many pools", reason);
                return;
            }
            let taken = self.lines.iter().any(|l| l.name == spec.name)
                || meeting.audiences.iter().any(|a| a.name == spec.name)
                || meeting.pools.iter().any(|p| p.name == spec.name);
            if taken {
                self.wrong(&["name"], Issue::DuplicateName { what: "demand", name: spec.name.clone() });
            }
            if spec.base < 0.0 {
                self.wrong(&["base"], Issue::out_of_range(spec.base, "at least 0"));
            }
            let mut sides = Vec::new();
            for (key, selection) in [("makes", &spec.makes), ("harvests", &spec.harvests)] {
                let selected = self.select(selection, key);
                if selected.is_empty() {
                    let reason = format!(
                        "no line {key} it; a pool needs lines that make demand and lines that harvest it"
                    );
                    self.refuse(&[key], key, "a pool of demand", reason);
                }
                for &i in &selected {
                    self.member(&[key], i);
                    let name = self.lines[i].name.clone();
                    if let Some((pool, role)) = roles.get(&i) {
                        let reason = format!(
                            "a line has one part in one pool: its curve is either demand or a share of it, and {role} {pool} already"
                        );
                        self.refuse(&[key], &name, &format!("demand.{}.{key}", spec.name), reason);
                    }
                }
                for &i in &selected {
                    roles.entry(i).or_insert((spec.name.clone(), key));
                }
                sides.push(self.entities(meeting, &selected, key));
            }
            let (harvests, makes) = (sides.pop().unwrap_or_default(), sides.pop().unwrap_or_default());
            for &m in &makes {
                if !self.most_returned(meeting, m).is_finite() {
                    let name = self.called(meeting, m);
                    let reason =
                        format!("demand made by {name} has no ceiling; choose a curve that levels off");
                    self.refuse(&["makes"], &name, "a pool of demand", reason);
                }
            }
            let share: f64 = harvests.iter().map(|&m| self.most_returned(meeting, m)).sum();
            if share.is_nan() || share > 1.0 + ROOM {
                let names: Vec<String> = harvests.iter().map(|&m| self.called(meeting, m)).collect();
                let reason = format!(
                    "their curves are shares of the demand and reach {share} together, where 1 is all of it; \
                     lower their ceilings, or put the lines into one audience with ceiling = 1, scale = 1"
                );
                self.refuse(&["harvests"], &names.join(", "), "a pool of demand", reason);
            }
            meeting.pools.push(Pool {
                name: spec.name.clone(),
                base: spec.base,
                makes,
                harvests,
                source: spec.source.clone(),
            });
        }
    }

    /// Lines as members: an audience stands for its lines where all are chosen.
    fn entities(&mut self, meeting: &Meeting, chosen: &[usize], key: &str) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        for &i in chosen {
            let member = top(meeting, i);
            if let Member::Audience(a) = member {
                let all = lines_of(meeting, member);
                if let Some(out) = all.iter().find(|l| !chosen.contains(l)) {
                    let (own, out) = (self.lines[i].name.clone(), self.lines[*out].name.clone());
                    let with = format!("audience {}", meeting.audiences[a].name);
                    let reason =
                        format!("{out} is in the audience and not chosen; choose all of its lines or none");
                    self.refuse(&[key], &own, &with, reason);
                    return members;
                }
            }
            if !members.contains(&member) {
                members.push(member);
            }
        }
        members
    }

    fn called(&self, meeting: &Meeting, member: Member) -> String {
        match member {
            Member::Line(i) => self.lines[i].name.clone(),
            Member::Audience(a) => meeting.audiences[a].name.clone(),
        }
    }

    fn most_returned(&self, meeting: &Meeting, member: Member) -> f64 {
        match member {
            Member::Line(i) => most_of(&self.lines[i]),
            Member::Audience(a) => {
                let audience = &meeting.audiences[a];
                let sum: f64 = audience.members.iter().map(|&m| self.most_returned(meeting, m)).sum();
                if sum.is_finite() { audience.curve.value(sum) } else { audience.curve.ceiling() }
            }
        }
    }

    /// What is left of the horizon for each web: the same for its lines.
    fn left(&mut self, meeting: &Meeting) -> Vec<f64> {
        let mut all = Vec::with_capacity(meeting.webs.len());
        for web in &meeting.webs {
            match under_way::left(web, self.lines) {
                Ok(left) => all.push(left),
                Err((first, other)) => {
                    self.look_at_web(meeting, web);
                    let (a, b) = (self.lines[first].name.clone(), self.lines[other].name.clone());
                    let reason = format!(
                        "{a} and {b} differ in it, and lines that meet go on together; write the same `past.share` for both"
                    );
                    self.refuse(&[], "past.share", "lines that meet", reason);
                }
            }
        }
        all
    }

    fn look_at_web(&mut self, meeting: &Meeting, web: &Web) {
        match web.root {
            Root::Audience(a) => self.look_at("audiences", 0, &meeting.audiences[a].name),
            Root::Pool(k) => self.look_at("demand", k, &meeting.pools[k].name),
        }
    }

    /// Refuses lines that meet and whose outcomes are worth different amounts:
    /// what they return together could not be told in money.
    fn alike(&mut self, meeting: &Meeting) {
        for web in &meeting.webs {
            self.look_at_web(meeting, web);
            let Some((first, others)) = web.lines.split_first() else { continue };
            for other in others {
                let (a, b) = (&self.lines[*first], &self.lines[*other]);
                let differs = [
                    ("outcome", a.outcome != b.outcome),
                    ("revenue_per_customer", a.revenue_per_outcome != b.revenue_per_outcome),
                    ("revenue_per_customer", a.customers_per_outcome != b.customers_per_outcome),
                    ("new_customer_share", a.new_customer_share != b.new_customer_share),
                    ("lifetime_value", a.lifetime_value != b.lifetime_value),
                    ("margin", a.margin != b.margin),
                    ("long_term", a.long_term.as_ref().map(|l| l.0) != b.long_term.as_ref().map(|l| l.0)),
                ];
                if let Some((field, _)) = differs.into_iter().find(|(_, differs)| *differs) {
                    let reason = format!(
                        "{} and {} differ in it, and what they return together has one worth; write the same for both",
                        a.name, b.name
                    );
                    self.refuse(&[], field, "lines that meet", reason);
                    break;
                }
            }
        }
    }
}

/// The most a line returns: at its largest spend, or its ceiling.
fn most_of(line: &ScenarioLine) -> f64 {
    let most = line.max.unwrap_or(f64::INFINITY).min(line.curve.last_spend());
    if most.is_finite() { line.curve.value(most) } else { line.curve.ceiling() }
}

/// The outermost audience a line is in, or the line.
fn top(meeting: &Meeting, line: usize) -> Member {
    let mut member = Member::Line(line);
    for (a, audience) in meeting.audiences.iter().enumerate() {
        if audience.members.contains(&member) {
            member = Member::Audience(a);
        }
    }
    member
}

/// The lines of a member, in order.
fn lines_of(meeting: &Meeting, member: Member) -> Vec<usize> {
    match member {
        Member::Line(i) => vec![i],
        Member::Audience(a) => {
            let all = meeting.audiences[a].members.iter().flat_map(|&m| lines_of(meeting, m));
            let mut all: Vec<usize> = all.collect();
            all.sort_unstable();
            all
        }
    }
}

/// The webs: a pool with its members, and audiences that are in nothing else.
fn webs(meeting: &Meeting) -> Vec<Web> {
    let mut webs = Vec::new();
    let inside = |member: Member| {
        meeting.audiences.iter().any(|a| a.members.contains(&member))
            || meeting.pools.iter().any(|p| p.makes.contains(&member) || p.harvests.contains(&member))
    };
    for a in (0..meeting.audiences.len()).filter(|&a| !inside(Member::Audience(a))) {
        webs.push(Web { lines: lines_of(meeting, Member::Audience(a)), root: Root::Audience(a) });
    }
    for (k, pool) in meeting.pools.iter().enumerate() {
        let all = pool.makes.iter().chain(&pool.harvests).flat_map(|&m| lines_of(meeting, m));
        let mut lines: Vec<usize> = all.collect();
        lines.sort_unstable();
        webs.push(Web { lines, root: Root::Pool(k) });
    }
    webs
}
