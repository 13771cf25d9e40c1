//! Audiences and pools as written to the lines that meet in them.

mod audiences;
mod fitted;
mod limits;

use std::collections::HashMap;
use std::sync::Arc;

use outlay_curves::Curve;

use crate::files::decode::Fault;
use crate::files::diagnostic::Issue;
use crate::files::library::Library;
use crate::files::spec::{DemandSpec, ScenarioFile, Selection};
use crate::files::tree::{Node, Tree};
use crate::model::meeting::{Meeting, Member, Pool, Root, Web};
use crate::model::scenario::ScenarioLine;
use crate::read::{select, under_way};

pub(crate) use limits::limits;

type Lines = [Arc<ScenarioLine>];

/// Most pools of a scenario.
const MOST_POOLS: usize = 3;
/// Most of made demand that is left a period later.
const LONGEST: f64 = 0.97;
/// How far a slope at 0 may be from 1: that of a number with few digits.
const NEAR: f64 = 1e-6;
/// How far shares may add up beyond 1.
const ROOM: f64 = 1e-9;

/// How the lines of a scenario meet.
pub(crate) fn resolve(
    header: &ScenarioFile,
    tree: &Tree,
    library: Option<&Library>,
    lines: &mut [Arc<ScenarioLine>],
    faults: &mut Vec<Fault>,
) -> Meeting {
    if header.audiences.is_empty() && header.demand.is_empty() {
        return Meeting::default();
    }
    // Lines are judged as if nothing had happened yet.
    let mut whole: Vec<Arc<ScenarioLine>> = lines.iter().map(under_way::whole).collect();
    let part = |list| (list, 0, String::new());
    let seasons = header.horizon.as_ref().and_then(|h| h.demand.as_deref());
    let exposed = Vec::new();
    let mut check = Check { tree, lines: &whole, seasons, faults, part: part("audiences"), exposed };
    let mut written = check.fitted(header, library);
    if !check.faults.is_empty() {
        return Meeting::default();
    }
    written.enter(&mut whole);
    let exposed = Vec::new();
    let mut check = Check { tree, lines: &whole, seasons, faults, part: part("audiences"), exposed };
    let audiences = check.audiences(&written.audiences);
    let exposed = std::mem::take(&mut check.exposed);
    let Some(audiences) = audiences else { return Meeting::default() };
    for (i, curve) in exposed {
        if let Some(line) = whole.get_mut(i) {
            *line = Arc::new(ScenarioLine { curve, ..line.as_ref().clone() });
        }
    }
    let exposed = Vec::new();
    let mut check = Check { tree, lines: &whole, seasons, faults, part: part("demand"), exposed };
    let mut meeting = Meeting { audiences, ..Meeting::default() };
    check.pools(&mut meeting, &written.demand);
    written.draw(&mut meeting);
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

struct Check<'a> {
    tree: &'a Tree,
    lines: &'a Lines,
    /// The horizon's index of demand.
    seasons: Option<&'a [f64]>,
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

    /// Refuses a season of its own for a line whose curve is a share.
    fn seasonless(&mut self, keys: &[&str], i: usize) {
        let Some(flight) = self.lines[i].flight.as_deref() else { return };
        let common = |t: usize| self.seasons.and_then(|s| s.get(t)).copied().unwrap_or(1.0);
        let own = flight.demand.iter().enumerate().any(|(t, d)| (d / common(t) - 1.0).abs() > 1e-9);
        if own {
            let name = self.lines[i].name.clone();
            let reason = "its curve is a share, which no season makes larger; write `horizon.demand`, or the \
                          `flight.demand` of lines whose curves are outcomes or demand made";
            self.refuse(keys, &name, "flight.demand", reason);
        }
    }

    fn select(&mut self, selection: &Selection, key: &str) -> Vec<usize> {
        for (tag, issue) in select::unknown(selection, self.lines) {
            self.wrong(&[key, &tag], issue);
        }
        select::matching(selection, self.lines)
    }

    fn pools(&mut self, meeting: &mut Meeting, specs: &[DemandSpec]) {
        let mut roles: HashMap<usize, (String, &str)> = HashMap::new();
        for (k, spec) in specs.iter().enumerate() {
            self.look_at("demand", k, &spec.name);
            if spec.name.trim().is_empty() {
                self.wrong(&["name"], Issue::missing("name", None));
            }
            if k >= MOST_POOLS {
                let reason = format!("at most {MOST_POOLS} pools are proven");
                self.refuse(&["name"], &spec.name, "as many pools", reason);
                return;
            }
            let (what, name) = ("demand", spec.name.clone());
            if self.lines.iter().any(|l| l.name == name) {
                self.wrong(&["name"], Issue::NameTaken { what, name, by: "a line" });
            } else if meeting.audiences.iter().any(|a| a.name == name) {
                self.wrong(&["name"], Issue::NameTaken { what, name, by: "an audience" });
            } else if meeting.pools.iter().any(|p| p.name == name) {
                self.wrong(&["name"], Issue::DuplicateName { what, name });
            }
            let (base, organic) = (spec.base.unwrap_or(0.0), spec.organic.unwrap_or(0.0));
            if base < 0.0 {
                self.wrong(&["base"], Issue::out_of_range(base, "at least 0"));
            }
            if !(0.0..=1.0).contains(&organic) {
                self.wrong(&["organic"], Issue::out_of_range(organic, "a share from 0 to 1"));
            }
            if let Some(kept) = spec.retention.filter(|kept| !(0.0..=LONGEST).contains(kept)) {
                let allowed = format!("a share from 0 to {LONGEST}");
                self.wrong(&["retention"], Issue::out_of_range(kept, &allowed));
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
                    if key == "harvests" {
                        self.seasonless(&[key], i);
                    }
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
            let share = share + organic;
            if share.is_nan() || share > 1.0 + ROOM {
                let names: Vec<String> = harvests.iter().map(|&m| self.called(meeting, m)).collect();
                let reason = format!(
                    "their curves are shares of the demand and reach {} together, where 1 is all of it; \
                     lower their ceilings, or put the lines into one audience with ceiling = 1, scale = 1",
                    (share * 1e6).round() / 1e6
                );
                self.refuse(&["harvests"], &names.join(", "), "a pool of demand", reason);
            }
            meeting.pools.push(Pool {
                name: spec.name.clone(),
                base,
                organic,
                organics: Arc::new([]),
                makes,
                harvests,
                retention: spec.retention.unwrap_or(0.0),
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
            let measured = |i: &&usize| self.lines[**i].flight.as_ref().is_some_and(|f| f.is_measured());
            if let Some(&i) = web.lines.iter().find(measured) {
                let name = self.lines[i].name.clone();
                let reason = "what was measured of one line in a period says nothing of what counted to the \
                              others; leave out what is measured in its `flight.past`, and keep what was spent";
                self.refuse(&[], &name, "lines that meet", reason);
                return;
            }
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
