//! Response curves as spreadsheet formulas.

use outlay_curves::Curve;
use outlay_curves::families::Tiered;

/// Where a curve's points stand in the workbook, for tables.
pub(super) struct Points {
    /// Absolute range of spends, `(0, 0)` included.
    pub(super) spends: String,
    /// Absolute range of outcomes.
    pub(super) outcomes: String,
}

/// The outcome of the spend in a cell; `None` if a sheet cannot follow the
/// curve (the mean of many, a table bought through price tiers or begun before).
pub(super) fn outcome(curve: &Curve, x: &str, points: &Points) -> Option<String> {
    Some(match curve {
        Curve::Hill(f) => {
            let (ceiling, half, shape) = f.parameters();
            format!("IF({x}>0,IFERROR({ceiling}/(1+({half}/{x})^{shape}),0),0)")
        }
        Curve::MichaelisMenten(f) => {
            let (ceiling, half) = f.parameters();
            format!("{ceiling}*{x}/({half}+{x})")
        }
        Curve::Exponential(f) => {
            let (ceiling, scale) = f.parameters();
            format!("{ceiling}*(1-EXP(-{x}/{scale}))")
        }
        Curve::Logistic(f) => {
            let (ceiling, scale) = f.parameters();
            format!("{ceiling}*TANH({x}/{})", 2.0 * scale)
        }
        Curve::SLogistic(f) => {
            let (ceiling, midpoint, steepness) = f.parameters();
            let start = 1.0 / (1.0 + (steepness * midpoint).exp());
            format!("{ceiling}*(1/(1+EXP(-({steepness})*({x}-({midpoint}))))-{start})")
        }
        Curve::Power(f) => {
            let (coefficient, exponent) = f.parameters();
            format!("IF({x}>0,{coefficient}*{x}^{exponent},0)")
        }
        Curve::Log(f) => {
            let (coefficient, scale) = f.parameters();
            format!("{coefficient}*LN(1+{x}/{scale})")
        }
        Curve::Linear(f) => format!("{}*{x}", f.parameters()),
        Curve::Table(_) if points.spends.is_empty() => return None,
        Curve::Table(_) => between(x, points),
        Curve::Mean(_) | Curve::Exposed(_) => return None,
        Curve::Tiered(tiered) => match tiered.base() {
            Curve::Table(_) | Curve::Tiered(_) | Curve::Resumed(_) => return None,
            base => return outcome(base, &effective(tiered, x), points),
        },
        Curve::Resumed(resumed) => {
            let (from, value) = (resumed.from(), resumed.value());
            if matches!(resumed.rest(), Curve::Table(_) | Curve::Resumed(_)) {
                return None;
            }
            let rest = outcome(resumed.rest(), &format!("({x}-{from})"), points)?;
            format!("IF({x}<{from},{}*{x},{value}+{rest})", value / from)
        }
    })
}

/// Money at the base price that buys what the spend buys: every tier adds its
/// difference to the one before.
fn effective(tiered: &Tiered<Curve>, x: &str) -> String {
    let mut before = 0.0;
    let mut terms = Vec::new();
    for tier in tiered.tiers() {
        terms.push(format!("{}*MAX(0,{x}-{})", tier.units - before, tier.from));
        before = tier.units;
    }
    format!("({})", terms.join("+"))
}

/// Linear interpolation between the points.
fn between(x: &str, Points { spends, outcomes }: &Points) -> String {
    let at = format!("MIN(MATCH({x},{spends},1),ROWS({spends})-1)");
    let (low, high) = (format!("INDEX({spends},{at})"), format!("INDEX({spends},{at}+1)"));
    let (from, to) = (format!("INDEX({outcomes},{at})"), format!("INDEX({outcomes},{at}+1)"));
    format!("{from}+({x}-{low})*({to}-{from})/({high}-{low})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use outlay_curves::families::Tier;

    #[test]
    fn a_curve_goes_on_from_its_past() {
        let curve = Curve::linear(2.0).and_then(|c| c.resumed(100.0, 300.0)).expect("valid");
        let points = Points { spends: String::new(), outcomes: String::new() };
        let formula = outcome(&curve, "F2", &points).expect("can be followed");
        assert_eq!(formula, "IF(F2<100,3*F2,300+2*(F2-100))");
    }

    #[test]
    fn tiers_are_sums_of_differences() {
        let tiers = [Tier { from: 100.0, units: 1.25 }, Tier { from: 300.0, units: 1.5 }];
        let curve = Curve::linear(2.0).and_then(|c| c.tiered(&tiers)).expect("valid");
        let points = Points { spends: String::new(), outcomes: String::new() };
        let formula = outcome(&curve, "F2", &points).expect("can be followed");
        assert_eq!(formula, "2*(1*MAX(0,F2-0)+0.25*MAX(0,F2-100)+0.25*MAX(0,F2-300))");
    }
}
