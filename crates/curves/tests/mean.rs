//! The mean of many curves, against the curves themselves.

use outlay_curves::{Curve, Piece, families};

/// A small generator, so that the tests need none of ours.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn log(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }
}

/// Draws of one kind: concave, S-shaped, of both, of several families.
fn draws(kind: usize, count: usize, random: &mut Random) -> Vec<Curve> {
    let spread = random.between(1.05, 4.0);
    let (k, v) = (random.log(1e-3, 1e7), random.log(1e-2, 1e8));
    let one = |random: &mut Random| {
        let (k, v) = (k * random.log(1.0 / spread, spread), v * random.log(0.5, 2.0));
        match kind {
            0 => Curve::hill(v, k, random.between(0.4, 1.0)),
            1 => Curve::hill(v, k, random.between(1.5, 4.0)),
            2 => Curve::hill(v, k, random.log(0.6, 2.5)),
            3 => Curve::michaelis_menten(v, k),
            4 => Curve::exponential(v, k),
            5 => Curve::logistic(v, k),
            _ => match (random.unit() * 4.0) as usize {
                0 => Curve::hill(v, k, random.log(0.6, 2.5)),
                1 => Curve::michaelis_menten(v, k),
                2 => Curve::exponential(v, k),
                _ => Curve::logistic(v, k),
            },
        }
        .expect("valid")
    };
    (0..count).map(|_| one(random)).collect()
}

fn pieces(curve: &Curve) -> Vec<Piece> {
    let mut all = Vec::new();
    curve.for_each_piece(0.0, f64::INFINITY, |p| all.push(p));
    all
}

#[test]
fn the_mean_is_that_of_the_curves_within_its_error() {
    let mut random = Random(7);
    for case in 0..70 {
        let kind = case % 7;
        let curves = draws(kind, 1 + case, &mut random);
        let mean = Curve::mean(&curves).unwrap_or_else(|| panic!("case {case}"));
        let exact = |f: &dyn Fn(&Curve) -> f64| curves.iter().map(f).sum::<f64>() / curves.len() as f64;
        let ceiling = exact(&Curve::ceiling);
        assert!((mean.ceiling() / ceiling - 1.0).abs() < 1e-12);
        for i in 0..4000 {
            let x = mean.typical_spend() * (f64::from(i - 2000) * 0.02).exp();
            let off = (mean.value(x) - exact(&|c| c.value(x))).abs();
            assert!(off <= families::Mean::ERROR * ceiling, "case {case} at {x}: {}", off / ceiling);
            let slope = (mean.marginal(x) - exact(&|c| c.marginal(x))).abs() * x;
            assert!(slope <= 1e-7 * ceiling, "case {case} at {x}: {}", slope / ceiling);
        }
        if curves.iter().all(Curve::is_concave) {
            assert!(mean.is_concave(), "case {case}: {:?}", pieces(&mean));
        }
    }
}

#[test]
fn its_pieces_are_convex_and_then_concave() {
    let mut random = Random(11);
    for case in 0..70 {
        let curves = draws(case % 7, 2 + case, &mut random);
        let mean = Curve::mean(&curves).expect("a mean").stretched(3.0, 0.5);
        let all = pieces(&mean);
        assert!(all.len() <= 4, "case {case}: {} pieces", all.len());
        assert_eq!(all[0].from, 0.0);
        assert_eq!(all[all.len() - 1].to, f64::INFINITY);
        assert!(all.windows(2).all(|w| w[0].to == w[1].from));
        let scale = mean.typical_spend();
        for piece in all {
            let ends = |from: f64, to: f64| (from.max(1e-9 * scale), to.min(1e6 * scale));
            for (sign, (from, to)) in
                [(1.0, ends(piece.from, piece.inflection)), (-1.0, ends(piece.inflection, piece.to))]
            {
                let steps = 300;
                let at = |i: i32| from * (to / from).powf(f64::from(i) / f64::from(steps));
                for i in 0..steps {
                    if from < to {
                        let (a, b) = (mean.marginal(at(i)), mean.marginal(at(i + 1)));
                        assert!(sign * (b - a) >= -1e-12 * a, "case {case}: {piece:?} at {}", at(i));
                    }
                }
            }
        }
    }
}

#[test]
fn the_inverse_of_its_slope_is_found_on_every_concave_stretch() {
    let mut random = Random(13);
    for case in 0..70 {
        let mean = Curve::mean(&draws(case % 7, 2 + case, &mut random)).expect("a mean");
        for piece in pieces(&mean) {
            let scale = mean.typical_spend();
            let (from, to) = (piece.inflection.max(1e-14 * scale), piece.to.min(1e9 * scale));
            for i in 0..60 {
                let x = from * (to / from).powf((f64::from(i) + 0.5) / 60.0);
                let slope = mean.marginal(x);
                let found = mean.spend_at_marginal(slope, piece);
                let again = mean.marginal(found);
                assert!((again / slope - 1.0).abs() < 1e-9, "case {case}: {x} {found} {slope} {again}");
            }
        }
    }
}

#[test]
fn what_has_no_ceiling_has_a_mean_only_where_it_is_exact() {
    let line = |r: f64| Curve::linear(r).expect("valid");
    assert_eq!(Curve::mean(&[line(1.0), line(4.0)]), Some(line(2.5)));
    let power = Curve::power(2.0, 0.5).expect("valid");
    assert_eq!(Curve::mean(std::slice::from_ref(&power)), Some(power.clone()));
    assert_eq!(Curve::mean(&[power, line(1.0)]), None);
    assert_eq!(Curve::mean(&[]), None);
}

#[test]
fn tiers_and_a_past_are_those_of_the_curves() {
    let mut random = Random(17);
    let curves = draws(2, 40, &mut random);
    let k = Curve::mean(&curves).expect("a mean").typical_spend();
    let tiers = [families::Tier { from: 0.7 * k, units: 1.3 }, families::Tier { from: 2.0 * k, units: 1.6 }];
    let bought = |c: &Curve| c.clone().tiered(&tiers).expect("tiers").resumed(0.3 * k, 5.0).expect("past");
    let mean = bought(&Curve::mean(&curves).expect("a mean"));
    let each: Vec<Curve> = curves.iter().map(bought).collect();
    for i in 1..200 {
        let x = k * (0.3 + 0.05 * f64::from(i));
        let exact = each.iter().map(|c| c.value(x)).sum::<f64>() / 40.0;
        assert!((mean.value(x) / exact - 1.0).abs() < 1e-8);
    }
    let mut last = 0.0;
    mean.for_each_piece(0.0, f64::INFINITY, |p| {
        assert_eq!(p.from, last);
        last = p.to;
        if p.to.is_finite() && p.inflection < p.to && p.inflection > 0.3 * k {
            let x = p.inflection + 0.5 * (p.to - p.inflection);
            let found = mean.spend_at_marginal(mean.marginal(x), p);
            assert!((found / x - 1.0).abs() < 1e-6, "{p:?} {x} {found}");
        }
    });
}
