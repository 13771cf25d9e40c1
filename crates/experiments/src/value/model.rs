//! The problem that is planned, and how it follows from its curves.

use outlay_allocator::{Line, Problem};
use outlay_curves::Curve;

use super::Uncertain;

/// Makes a problem from the curves of its uncertain lines.
type Remade<'a> = Box<dyn Fn(&[Curve]) -> Problem + Sync + 'a>;

/// A problem whose curves can be exchanged.
pub struct Model<'a> {
    pub(super) problem: &'a Problem,
    remade: Option<Remade<'a>>,
}

impl<'a> Model<'a> {
    /// Lines that earn each for itself: a curve is exchanged where it stands.
    pub fn apart(problem: &'a Problem) -> Self {
        Model { problem, remade: None }
    }

    /// Lines that meet: `remade` makes the problem from the curves of the
    /// uncertain lines, in their order.
    pub fn meeting(problem: &'a Problem, remade: impl Fn(&[Curve]) -> Problem + Sync + 'a) -> Self {
        Model { problem, remade: Some(Box::new(remade)) }
    }

    /// Whether what a line returns depends on others.
    pub(super) fn meets(&self) -> bool {
        self.remade.is_some()
    }

    /// The problem with other curves of its uncertain lines.
    pub(super) fn with(&self, lines: &[Uncertain], curves: Vec<Curve>) -> Problem {
        if let Some(remade) = &self.remade {
            return remade(&curves);
        }
        let mut problem = self.problem.clone();
        for (line, curve) in lines.iter().zip(curves) {
            for &i in &line.places {
                let old = &problem.lines[i];
                problem.lines[i] = Line::new(curve.clone(), old.current, old.facts.clone());
            }
        }
        problem
    }
}
