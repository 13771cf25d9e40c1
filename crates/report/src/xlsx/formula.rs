//! Response curves as spreadsheet formulas.

use outlay_curves::Curve;

/// Where a curve's points stand in the workbook, for tables.
pub(super) struct Points {
    /// Absolute range of spends, `(0, 0)` included.
    pub(super) spends: String,
    /// Absolute range of outcomes.
    pub(super) outcomes: String,
}

/// The outcome of the spend in a cell; `None` if a sheet cannot follow the
/// curve (price tiers).
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
        Curve::Table(_) => between(x, points),
        Curve::Tiered(_) | Curve::Resumed(_) => return None,
    })
}

/// Linear interpolation between the points.
fn between(x: &str, Points { spends, outcomes }: &Points) -> String {
    let at = format!("MIN(MATCH({x},{spends},1),ROWS({spends})-1)");
    let (low, high) = (format!("INDEX({spends},{at})"), format!("INDEX({spends},{at}+1)"));
    let (from, to) = (format!("INDEX({outcomes},{at})"), format!("INDEX({outcomes},{at}+1)"));
    format!("{from}+({x}-{low})*({to}-{from})/({high}-{low})")
}
