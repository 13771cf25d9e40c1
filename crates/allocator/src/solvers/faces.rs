//! Programs without an interior (thin), whose limits leave a face only: two rows that
//! say the opposite, equations that add up to a limit, a cap that holds its
//! lines at 0. Nothing lies strictly inside of them, and an interior-point
//! method has nowhere to go.
//!
//! The limits are widened by a hair first: the prices of that program are as
//! good to one part in the width. Limits that its optimum meets are then taken
//! as equations, which have an interior within the face. Both are proposals, as
//! all that a solver says.

use super::folded::Folded;
use super::interior::Interior;
use super::sparse::{self, Program, Variable};

/// How far limits are widened, relative to their terms.
const WIDTHS: [f64; 2] = [1e-8, 1e-6];

/// A limit is met, and a variable at its end, within so many widths.
const MET: f64 = 4.0;

/// Solves a program that has no interior. `None` where widening does not help.
pub(crate) fn solve(program: &Program, tolerance: f64, stop: &dyn Fn() -> bool) -> Option<Interior> {
    let folded = Folded::new(program);
    let found = on_face(&folded.program, tolerance, stop)?;
    Some(Interior { prices: folded.unfold(found.prices), ..found })
}

fn on_face(program: &Program, tolerance: f64, stop: &dyn Fn() -> bool) -> Option<Interior> {
    let size = sizes(program);
    for width in WIDTHS {
        let first = sparse::solve(&widened(program, &size, width), tolerance, stop);
        if stop() {
            return None;
        }
        if !first.converged {
            continue;
        }
        let met = met(program, &first.y, &size, MET * width);
        for bounds in [false, true] {
            let near = if bounds { MET * width } else { 0.0 };
            let face = Face::new(program, &met, &first.y, near);
            let second = sparse::solve(&face.program, tolerance, stop);
            if second.converged {
                return Some(Interior { y: face.spread(&second.y), ..first });
            }
        }
        return Some(Interior { converged: false, ..first });
    }
    None
}

/// True for prices that cancel in what they charge: limits that follow from
/// each other may all be dear at once. A bound allows for what plans may exceed
/// limits by, at these prices, and is worth nothing.
pub(crate) fn cancel(program: &Program, interior: &Interior) -> bool {
    const DEAR: f64 = 1e3;
    let sums = activity(program, &interior.y);
    let charged: f64 = interior.prices.iter().zip(&sums).map(|(price, (_, size))| price.abs() * size).sum();
    let worth = |(v, &y): (&Variable, &f64)| {
        let risen = v.arc.map_or(0.0, |(curve, from)| curve.value(from + y) - curve.value(from));
        (v.goal * y + v.worth * risen).abs()
    };
    charged > DEAR * program.variables.iter().zip(&interior.y).map(worth).sum::<f64>()
}

/// What every row comes to, and the sum of its terms' sizes.
fn activity(program: &Program, y: &[f64]) -> Vec<(f64, f64)> {
    let mut sums = vec![(0.0, 0.0); program.lower.len()];
    for (j, (v, &y)) in program.variables.iter().zip(y).enumerate() {
        let risen = v.arc.map_or(0.0, |(curve, from)| curve.value(from + y) - curve.value(from));
        for (r, linear, curved) in program.entries(j) {
            let term = linear * y + curved * risen;
            sums[r].0 += term;
            sums[r].1 += term.abs();
        }
    }
    sums
}

/// The size of every row: of its terms where the program starts, or its ends.
fn sizes(program: &Program) -> Vec<f64> {
    let start: Vec<f64> = program.variables.iter().map(|v| v.start).collect();
    let finite = |end: f64| if end.is_finite() { end.abs() } else { 0.0 };
    let ends = program.lower.iter().zip(&program.upper);
    let size =
        |((_, terms), (low, high)): ((f64, f64), (&f64, &f64))| terms.max(finite(*low)).max(finite(*high));
    activity(program, &start).into_iter().zip(ends).map(size).collect()
}

fn widened<'a>(program: &Program<'a>, size: &[f64], width: f64) -> Program<'a> {
    let mut wide = program.clone();
    for (r, firm) in program.firm().into_iter().enumerate() {
        if !firm {
            wide.lower[r] -= width * size[r];
            wide.upper[r] += width * size[r];
        }
    }
    wide
}

/// Where a row's two ends are once those it meets have become equations.
fn met(program: &Program, y: &[f64], size: &[f64], near: f64) -> Vec<(f64, f64)> {
    let sums = activity(program, y);
    let end = |(r, (sum, _)): (usize, &(f64, f64))| {
        let (low, high) = (program.lower[r], program.upper[r]);
        if high - sum <= near * size[r] {
            (high, high)
        } else if sum - low <= near * size[r] {
            (low, low)
        } else {
            (low, high)
        }
    };
    sums.iter().enumerate().map(end).collect()
}

/// A program on the face, and where its variables are among all.
struct Face<'a> {
    program: Program<'a>,
    /// Values of all variables, with those that vary at 0.
    fixed: Vec<f64>,
    kept: Vec<usize>,
}

impl<'a> Face<'a> {
    /// With `near` above 0, variables this close to an end, relative, stay there.
    fn new(program: &Program<'a>, ends: &[(f64, f64)], y: &[f64], near: f64) -> Self {
        let mut face = Face {
            program: Program { blocks: program.blocks.clone(), ..Program::default() },
            fixed: vec![0.0; y.len()],
            kept: Vec::new(),
        };
        for (j, (v, &y)) in program.variables.iter().zip(y).enumerate() {
            let reach = if v.length.is_finite() { v.length } else { v.start };
            if y <= near * reach {
                continue;
            }
            if v.length.is_finite() && v.length - y <= near * reach {
                face.fixed[j] = v.length;
                continue;
            }
            face.kept.push(j);
            face.program.push(*v, program.roles[j], program.entries(j));
        }
        let taken = activity(program, &face.fixed);
        face.program.lower = ends.iter().zip(&taken).map(|((low, _), (sum, _))| low - sum).collect();
        face.program.upper = ends.iter().zip(&taken).map(|((_, high), (sum, _))| high - sum).collect();
        face
    }

    fn spread(&self, y: &[f64]) -> Vec<f64> {
        let mut all = self.fixed.clone();
        self.kept.iter().zip(y).for_each(|(&j, &y)| all[j] = y);
        all
    }
}
