//! How nearly straight a channel's curve may be.

use super::shape::Shape;
use super::{Parameters, Warning};

/// Average over marginal return at the level that hardly differs from a line's: half-
/// saturation lies beyond ten times the level.
const NEARLY: f64 = 1.1;

/// ln exponent from which returns rise.
pub(crate) const RISING: f64 = 0.15;

/// Odds from which a channel is said to be nearly straight: one to two.
const LIKELY: f64 = 0.5;

/// A warning where the draws hold it for likely enough that returns neither diminish
/// nor rise by more than a tenth (beforehand the odds are one to six), or where all
/// responses being `lines` is about as likely. Nothing where most draws rise.
pub(crate) fn warning(draws: &[Parameters], lines: Option<f64>) -> Option<Warning> {
    let of = |is: fn(&Parameters) -> bool| draws.iter().filter(|p| is(p)).count() as f64;
    if 2.0 * of(rises) > draws.len() as f64 {
        return None;
    }
    let nearly = of(nearly);
    let odds =
        (nearly / (draws.len() as f64 - nearly)).max(lines.filter(|odds| *odds >= LIKELY).unwrap_or(0.0));
    (odds >= LIKELY).then_some(Warning::StraightLine { odds })
}

fn rises(p: &Parameters) -> bool {
    p.family.is_hill() && p.ln_exponent > RISING
}

fn nearly(p: &Parameters) -> bool {
    let over = Shape::new(p.family, p.ln_half, p.ln_exponent).at(1.0).value;
    (1.0 / NEARLY..=NEARLY).contains(&over) && !rises(p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::{Carry, Family};

    fn draw(half: f64, exponent: f64) -> Parameters {
        let family = if exponent == 1.0 { Family::MichaelisMenten } else { Family::SShaped };
        let (ln_half, ln_exponent) = (half.ln(), exponent.ln());
        Parameters {
            family,
            marginal: 2.0,
            ln_half,
            ln_exponent,
            retention: 0.3,
            carry: Carry::Geometric,
            level: 9.0,
        }
    }

    #[test]
    fn only_what_hardly_bends_counts() {
        assert!(nearly(&draw(30.0, 1.0)) && nearly(&draw(12.0, 1.0)));
        // A tenth is lost before eleven levels, and rising returns are no line even
        // where an average happens to equal the margin.
        assert!(!nearly(&draw(9.0, 1.0)) && !nearly(&draw(0.4, 3.0)) && !nearly(&draw(9.0, 2.0)));
        let mixed = |lines: usize| [vec![draw(30.0, 1.0); lines], vec![draw(1.0, 1.0); 90]].concat();
        assert_eq!(warning(&mixed(40), Some(0.4)), None);
        assert_eq!(warning(&mixed(60), None), Some(Warning::StraightLine { odds: 60.0 / 90.0 }));
        assert_eq!(warning(&mixed(40), Some(3.0)), Some(Warning::StraightLine { odds: 3.0 }));
        assert_eq!(warning(&[vec![draw(9.0, 2.0); 9], mixed(8)].concat()[..16], Some(3.0)), None);
        assert_eq!(warning(&[], None), None);
    }
}
