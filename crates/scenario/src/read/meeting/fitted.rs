//! Meetings that a fit estimated, as if they were written out: over the
//! scenario's horizon, with the lines' curves as they go in there.

use std::sync::Arc;

use outlay_curves::Curve;

use super::Check;
use crate::files::diagnostic::Issue;
use crate::files::library::{FittedMeeting, Library};
use crate::files::spec::{AudienceSpec, CurveSpec, DemandSpec, ScenarioFile};
use crate::model::meeting::Meeting;
use crate::model::scenario::ScenarioLine;
use crate::read::select;

/// Audiences and pools with fitted ones written out, lines as they enter them,
/// and what the draws of each say.
pub(super) struct Written {
    pub(super) audiences: Vec<AudienceSpec>,
    pub(super) demand: Vec<DemandSpec>,
    /// Lines whose curves are others beside the rest.
    lines: Vec<(usize, ScenarioLine)>,
    curves: Vec<(String, Arc<[Curve]>)>,
    organics: Vec<(String, Arc<[f64]>)>,
}

impl Check<'_> {
    /// Writes out what is fitted.
    pub(super) fn fitted(&mut self, header: &ScenarioFile, library: Option<&Library>) -> Written {
        let mut written = Written {
            audiences: header.audiences.clone(),
            demand: header.demand.clone(),
            lines: Vec::new(),
            curves: Vec::new(),
            organics: Vec::new(),
        };
        for (k, spec) in header.audiences.iter().enumerate() {
            self.look_at("audiences", k, &spec.name);
            if let Some(found) = self.named(spec.fitted.as_deref(), library, false) {
                self.audience(spec, k, &found, &mut written);
            }
        }
        for (k, spec) in header.demand.iter().enumerate() {
            self.look_at("demand", k, &spec.name);
            let given = usize::from(spec.fitted.is_some()) + usize::from(spec.base.is_some());
            if given != 1 {
                let fields = vec!["base".to_owned(), "fitted".to_owned()];
                self.wrong(&[], Issue::Choice { fields, found: given, allowed: "exactly one" });
            }
            if spec.fitted.is_some() && spec.organic.is_some() {
                self.refuse(&["organic"], "organic", "fitted", "the library says it; leave `organic` out");
            }
            if let Some(found) = self.named(spec.fitted.as_deref(), library, true) {
                self.pool(spec, k, &found, &mut written);
            }
        }
        written
    }

    /// The meeting that a name means.
    fn named(&mut self, name: Option<&str>, library: Option<&Library>, pool: bool) -> Option<FittedMeeting> {
        let name = name?;
        let Some(library) = library else {
            self.wrong(&["fitted"], Issue::missing("curves", Some("a meeting given by name".to_owned())));
            return None;
        };
        let kind = if pool { "pool of demand" } else { "overlap" };
        let found = library.file.meeting.as_ref().filter(|m| m.harvests.is_empty() != pool);
        match found.filter(|m| m.name == name) {
            Some(found) => Some(found.clone()),
            None => {
                let what = format!("{kind} in {}", library.path.display());
                let known = found.iter().map(|m| m.name.clone()).collect();
                self.wrong(&["fitted"], Issue::unknown_name(what, name, known));
                None
            }
        }
    }

    fn audience(&mut self, spec: &AudienceSpec, k: usize, found: &FittedMeeting, written: &mut Written) {
        if spec.curve.is_some() || spec.reach.is_some() {
            let reason = "the library says what its lines return together; leave `curve` and `reach` out";
            self.refuse(&["fitted"], "fitted", "a curve of its own", reason);
            return;
        }
        let chosen = match &spec.selection {
            Some(selection) => select::matching(selection, self.lines),
            None => {
                let at = |name: &String| self.lines.iter().position(|l| l.name == *name);
                let lines: Vec<Option<usize>> = spec.lines.iter().flatten().map(at).collect();
                if lines.iter().any(Option::is_none) {
                    let reason = "what is fitted holds for lines; name the lines themselves";
                    self.refuse(&["lines"], "fitted", "audiences as members", reason);
                }
                lines.into_iter().flatten().collect()
            }
        };
        let (Some(steeper), Some(ceiling)) = (found.steeper, found.ceiling) else { return };
        let Some(periods) = self.enter(&chosen, steeper, found.draws.iter().map(|d| d[0]), written) else {
            return;
        };
        let curve = |ceiling: f64| Curve::exponential(ceiling * periods, ceiling * periods).ok();
        let drawn: Option<Vec<Curve>> = found.draws.iter().map(|d| curve(d[1])).collect();
        written.curves.push((spec.name.clone(), drawn.unwrap_or_default().into()));
        let (ceiling, scale) = (ceiling * periods, ceiling * periods);
        let source = spec.source.clone().or(Some(format!("fitted: {}", found.name)));
        let curve = Some(CurveSpec::Exponential { ceiling, scale });
        written.audiences[k] = AudienceSpec { curve, source, fitted: None, ..spec.clone() };
    }

    fn pool(&mut self, spec: &DemandSpec, k: usize, found: &FittedMeeting, written: &mut Written) {
        let (Some(base), Some(made), Some(organic)) = (found.base, found.made, found.organic) else { return };
        let [makes, harvests] =
            [&spec.makes, &spec.harvests].map(|selection| select::matching(selection, self.lines));
        let Some(periods) = self.enter(&makes, made, found.draws.iter().map(|d| d[0]), written) else {
            return;
        };
        let base = base * periods;
        if self.enter(&harvests, 1.0 / base, std::iter::empty(), written).is_none() {
            return;
        }
        written.organics.push((spec.name.clone(), found.draws.iter().map(|d| d[1]).collect()));
        let source = spec.source.clone().or(Some(format!("fitted: {}", found.name)));
        written.demand[k] =
            DemandSpec { base: Some(base), organic: Some(organic), source, fitted: None, ..spec.clone() };
    }

    /// Lines as they enter a meeting: their curves times a factor, which draws
    /// have of their own. The library's periods in the horizon.
    fn enter(
        &mut self,
        chosen: &[usize],
        factor: f64,
        draws: impl Iterator<Item = f64>,
        written: &mut Written,
    ) -> Option<f64> {
        let draws: Arc<[f64]> = draws.collect();
        let mut periods = None;
        for &i in chosen {
            let line = &self.lines[i];
            let Some(own) = line.library_periods else {
                let name = line.name.clone();
                let reason = "what is fitted holds for curves of the library; take its curve from there";
                self.refuse(&["fitted"], &name, "a curve of its own", reason);
                return None;
            };
            periods = Some(own);
            let curve = line.curve.stretched(1.0, factor);
            let draws = Arc::new(line.draws.times(factor, &draws));
            written.lines.push((i, ScenarioLine { curve, draws, ..line.as_ref().clone() }));
        }
        periods
    }
}

impl Written {
    /// The lines as they enter what they meet in.
    pub(super) fn enter(&mut self, lines: &mut [Arc<ScenarioLine>]) {
        for (i, line) in self.lines.drain(..) {
            lines[i] = Arc::new(line);
        }
    }

    /// Adds what draws say.
    pub(super) fn draw(&self, meeting: &mut Meeting) {
        for audience in &mut meeting.audiences {
            if let Some((_, curves)) = self.curves.iter().find(|(name, _)| *name == audience.name) {
                audience.draws = Arc::clone(curves);
            }
        }
        for pool in &mut meeting.pools {
            if let Some((_, organics)) = self.organics.iter().find(|(name, _)| *name == pool.name) {
                pool.organics = Arc::clone(organics);
            }
        }
    }
}
