//! Plans by period: lines times periods, with carry-over and limits on every
//! period, concave and S-shaped.

use divan::{Bencher, black_box};
use outlay_allocator::{Coefficients, Fact, Goal, Limit, Line, Options, Problem, Terms, solve};
use outlay_curves::Curve;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const SIZES: [(usize, usize); 5] = [(10, 13), (30, 13), (100, 13), (30, 52), (100, 52)];
const SMALL: [(usize, usize); 3] = [(3, 6), (10, 13), (30, 13)];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn concave(bencher: Bencher, size: (usize, usize)) {
    let problem = problem(size, |_| 0.9);
    bencher.bench_local(|| solve(black_box(&problem), &Options::default()));
}

/// Stopped at a gap of a hundredth.
#[divan::bench(args = SMALL, sample_count = 3)]
fn s_shaped(bencher: Bencher, size: (usize, usize)) {
    let problem = problem(size, |rng| if rng.random_bool(0.6) { 2.0 } else { 0.9 });
    let options = Options { gap: Some(0.01), nodes: 2_000, ..Options::default() };
    bencher.bench_local(|| solve(black_box(&problem), &options));
}

/// Lines with Hill curves of the shapes drawn; a budget, caps on every period
/// and on every line.
fn problem((lines, periods): (usize, usize), shape: impl Fn(&mut Pcg64) -> f64) -> Problem {
    let mut rng = Pcg64::seed_from_u64(1);
    let (mut atoms, mut goal, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let mut starts = Vec::new();
    let mut room = 0.0;
    for _ in 0..lines {
        let (v, k) = (rng.random_range(50.0..500.0), rng.random_range(10.0..100.0));
        let Ok(curve) = Curve::hill(v, k, shape(&mut rng)) else { continue };
        let retention: f64 = [0.0, 0.3, 0.6, 0.8][rng.random_range(0..4)];
        let tail = if retention > 0.0 { (1e-6_f64.ln() / retention.ln()).ceil() as usize } else { 0 };
        let most = 2.0 * k;
        room += most * periods as f64;
        starts.push(atoms.len());
        let Ok(money) = Curve::linear(1.0) else { continue };
        atoms.extend((0..periods).map(|_| Line::new(money.clone(), 0.0, vec![Fact::Max(most)])));
        goal.extend((0..periods).map(|_| 0.0));
        for t in 0..periods + tail {
            let own = atoms.len();
            let mut few = Vec::new();
            if t < periods {
                few.push((starts[starts.len() - 1] + t, Coefficients::on_spend(-(1.0 - retention))));
            }
            if t > 0 && retention > 0.0 {
                few.push((own - 1, Coefficients::on_spend(-retention)));
            }
            few.push((own, Coefficients::on_spend(1.0)));
            links.push(Limit::on(Terms::default().with_few(few), Some(0.0), Some(0.0)));
            atoms.push(Line::new(curve.clone(), 0.0, Vec::new()));
            goal.push(if t < periods { rng.random_range(0.7..1.3) } else { 1.0 });
        }
    }
    let column = |of: &dyn Fn(usize, usize) -> bool| {
        let mut column = vec![0.0; atoms.len()];
        for (i, start) in starts.iter().enumerate() {
            (0..periods).filter(|&t| of(i, t)).for_each(|t| column[start + t] = 1.0);
        }
        Terms::default().with_spend(column)
    };
    let mut limits = vec![Limit::on(column(&|_, _| true), None, Some(0.3 * room))];
    for t in 0..periods {
        limits.push(Limit::on(column(&|_, s| s == t), None, Some(0.35 * room / periods as f64)));
    }
    for start in &starts {
        let most = 0.6 * room / lines as f64;
        let few: Vec<(usize, Coefficients)> =
            (0..periods).map(|t| (start + t, Coefficients::on_spend(1.0))).collect();
        limits.push(Limit::on(Terms::default().with_few(few), None, Some(most)));
    }
    limits.extend(links);
    Problem { lines: atoms, goal: Goal::Maximize(Terms::default().with_response(goal)), limits }
}
