//! Lines that meet in plans by period, against the formulas as docs/interactions.md
//! writes them, local search from many starts, and plans in total.

use outlay_scenario::{ResultFile, Status};

use crate::support::{proven, rejected, scenario, solved};

/// A line as the formulas have it.
#[derive(Clone, Copy)]
struct Line {
    /// Ceiling, half saturation and shape of a Hill curve.
    curve: (f64, f64, f64),
    retention: f64,
    opening: f64,
    /// Its own season, apart from the horizon's.
    season: [f64; 3],
}

const PLAIN: [f64; 3] = [1.0; 3];

fn line(curve: (f64, f64, f64), retention: f64, opening: f64, season: [f64; 3]) -> Line {
    Line { curve, retention, opening, season }
}

impl Line {
    fn value(&self, x: f64) -> f64 {
        let (ceiling, half, shape) = self.curve;
        if x > 0.0 { ceiling / (1.0 + (half / x).powf(shape)) } else { 0.0 }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    /// The first two share an audience, the third sells by itself.
    Audience,
    /// The first two reach the same people.
    Reach,
    /// The first two make demand, the third harvests it, the fourth sells.
    Pool(f64),
}

struct Case {
    kind: Kind,
    lines: Vec<Line>,
    /// One, or one for each period.
    seasons: Vec<f64>,
    budget: f64,
}

const AFTER: usize = 60;

impl Case {
    fn periods(&self) -> usize {
        self.seasons.len()
    }

    fn text(&self, by_period: bool) -> String {
        let plan = if by_period {
            format!(", plan = \"by_period\", demand = {:?}", self.seasons)
        } else {
            String::new()
        };
        let mut text = format!(
            "outlay = 1\nbudget = {{ max = {} }}\nhorizon = {{ start = 2026-01-05, periods = {}, unit = \"week\"{plan} }}\n",
            self.budget,
            self.periods(),
        );
        for (k, line) in self.lines.iter().enumerate() {
            let (ceiling, half, shape) = line.curve;
            let stage = match (self.kind, k) {
                (_, 0 | 1) => "upper",
                (Kind::Pool(_), 2) => "lower",
                _ => "own",
            };
            text += &format!(
                "[[lines]]\nname = \"{k}\"\nstage = \"{stage}\"\noutcome = \"revenue\"\nspend = {{ current = 10 }}\n\
                 curve = {{ family = \"hill\", ceiling = {ceiling:?}, half_saturation = {half:?}, shape = {shape:?} }}\n"
            );
            if by_period {
                let season = &line.season[..self.periods()];
                text += &format!(
                    "adstock = {{ kind = \"geometric\", retention = {} }}\nflight = {{ opening = {}, demand = {season:?} }}\n",
                    line.retention, line.opening
                );
            }
        }
        text + &match self.kind {
            Kind::Audience => "[[audiences]]\nname = \"A\"\nwhere = { stage = \"upper\" }\ncurve = { family = \"exponential\", ceiling = 150, scale = 150 }\n".to_owned(),
            Kind::Reach => "[[audiences]]\nname = \"A\"\nwhere = { stage = \"upper\" }\nreach = { population = 100, value = 2, duplication = 0.8 }\n".to_owned(),
            Kind::Pool(kept) => {
                let kept = if by_period { format!("retention = {kept}\n") } else { String::new() };
                format!("[[demand]]\nname = \"D\"\nbase = 60\nmakes = {{ stage = \"upper\" }}\nharvests = {{ stage = \"lower\" }}\n{kept}")
            }
        }
    }

    /// What spends by line and period return beyond what earlier ones left.
    fn worth(&self, spends: &[f64]) -> f64 {
        self.earned(spends) - self.earned(&vec![0.0; spends.len()])
    }

    fn earned(&self, spends: &[f64]) -> f64 {
        let count = self.periods();
        let whole = count as f64;
        let mut stocks: Vec<f64> = self.lines.iter().map(|l| l.opening).collect();
        let (mut level, mut sum) = (60.0 / whole, 0.0);
        for t in 0..count + AFTER {
            let common = self.seasons.get(t).copied().unwrap_or(1.0);
            let mut shares = Vec::new();
            for (k, line) in self.lines.iter().enumerate() {
                let x = if t < count { spends[k * count + t] } else { 0.0 };
                stocks[k] = line.retention * stocks[k] + (1.0 - line.retention) * x;
                shares.push(line.value(whole * stocks[k]));
            }
            let own = |k: usize| {
                if t < count { self.lines[k].season[t] } else { 1.0 }
            };
            let sold = |k: usize| own(k) * shares[k] / whole;
            match self.kind {
                Kind::Audience => {
                    let together = 150.0 * (1.0 - (-whole * (sold(0) + sold(1)) / 150.0).exp()) / whole;
                    sum += common * (together + sold(2));
                }
                Kind::Reach => {
                    let missed = (1.0 - 0.8 * shares[0]) * (1.0 - 0.8 * shares[1]);
                    sum += common * (200.0 * (1.0 - missed) / 0.8 / whole + sold(2));
                }
                Kind::Pool(kept) => {
                    level =
                        kept * level + (1.0 - kept) * common * 60.0 / whole + common * (sold(0) + sold(1));
                    sum += level * shares[2] + common * sold(3);
                }
            }
        }
        sum
    }

    /// The best that moving money between two places reaches from many starts.
    fn searched(&self) -> f64 {
        let n = self.lines.len() * self.periods();
        let mut seed = 7_u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut best = f64::NEG_INFINITY;
        for _ in 0..8 {
            let mut x: Vec<f64> = (0..n).map(|_| random().powi(3)).collect();
            let sum: f64 = x.iter().sum();
            x.iter_mut().for_each(|x| *x *= self.budget / sum);
            let mut value = self.worth(&x);
            let mut step = self.budget / 4.0;
            while step > 1e-4 * self.budget {
                let mut moved = false;
                for (from, to) in (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| a != b) {
                    let by = step.min(x[from]);
                    if by <= 0.0 {
                        continue;
                    }
                    let mut other = x.clone();
                    (other[from], other[to]) = (x[from] - by, x[to] + by);
                    let worth = self.worth(&other);
                    if worth > value + 1e-12 {
                        (x, value, moved) = (other, worth, true);
                    }
                }
                if !moved {
                    step *= 0.5;
                }
            }
            best = best.max(value);
        }
        best
    }
}

fn spends(file: &ResultFile) -> Vec<f64> {
    let flights = file.lines.iter().flatten().filter_map(|l| l.flight.as_ref());
    flights.flat_map(|f| f.periods.iter().map(|p| p.spend)).collect()
}

fn cases() -> Vec<Case> {
    let seasons = vec![1.2, 0.8, 1.0];
    vec![
        Case {
            kind: Kind::Audience,
            lines: vec![
                line((120.0, 40.0, 1.0), 0.4, 6.0, [1.0, 1.3, 1.0]),
                line((80.0, 30.0, 1.0), 0.0, 0.0, PLAIN),
                line((60.0, 20.0, 1.0), 0.2, 0.0, PLAIN),
            ],
            seasons: seasons.clone(),
            budget: 100.0,
        },
        Case {
            kind: Kind::Audience,
            lines: vec![
                line((120.0, 40.0, 1.8), 0.5, 0.0, PLAIN),
                line((80.0, 30.0, 1.0), 0.0, 0.0, PLAIN),
                line((60.0, 20.0, 1.5), 0.0, 0.0, PLAIN),
            ],
            seasons: vec![1.0, 1.1],
            budget: 70.0,
        },
        Case {
            kind: Kind::Reach,
            lines: vec![
                line((0.7, 40.0, 1.0), 0.3, 5.0, PLAIN),
                line((0.5, 30.0, 1.0), 0.0, 0.0, PLAIN),
                line((60.0, 20.0, 1.0), 0.0, 0.0, [1.0, 0.7, 1.0]),
            ],
            seasons: seasons.clone(),
            budget: 80.0,
        },
        Case {
            kind: Kind::Pool(0.5),
            lines: vec![
                line((140.0, 40.0, 1.0), 0.3, 4.0, [1.0, 1.2, 1.0]),
                line((90.0, 30.0, 1.0), 0.0, 0.0, PLAIN),
                line((0.8, 15.0, 1.0), 0.0, 0.0, PLAIN),
                line((60.0, 20.0, 1.0), 0.0, 0.0, PLAIN),
            ],
            seasons,
            budget: 100.0,
        },
        Case {
            kind: Kind::Pool(0.6),
            lines: vec![
                line((140.0, 40.0, 1.5), 0.0, 0.0, PLAIN),
                line((90.0, 30.0, 1.0), 0.0, 0.0, PLAIN),
                line((0.8, 15.0, 1.0), 0.2, 2.0, PLAIN),
                line((60.0, 20.0, 1.0), 0.0, 0.0, PLAIN),
            ],
            seasons: vec![1.0, 1.3],
            budget: 100.0,
        },
    ]
}

#[test]
fn plans_are_worth_what_the_formulas_say_and_are_not_beaten() {
    for (k, case) in cases().iter().enumerate() {
        let file = solved(&scenario(&case.text(true)));
        let gap = file.certificate.as_ref().unwrap().gap.unwrap();
        assert!(gap <= 1e-6, "case {k}: {:?}, {gap}", file.status);
        let (value, own) = (file.value.unwrap(), case.worth(&spends(&file)));
        assert!((value - own).abs() <= 1e-6 * value, "case {k}: {value} is told, {own} is meant");
        let best = case.searched();
        assert!(best <= value * (1.0 + gap + 1e-6), "case {k}: {best} beats {value}, gap {gap}");
        assert!(best >= 0.99 * value, "case {k}: {best} is far from {value}");
        let counted: f64 = file.lines.iter().flatten().map(|l| l.revenue.unwrap()).sum();
        assert!((counted - value).abs() <= 1e-9 * value, "case {k}: {counted} counts of {value}");
        let by_period: f64 = file.periods.iter().map(|p| p.revenue.unwrap()).sum();
        let tail = file.tail.and_then(|t| t.revenue).unwrap_or(0.0);
        assert!((by_period + tail - value).abs() <= 1e-9 * value, "case {k}: periods");
        // A line taken away leaves what the formulas leave.
        for (i, line) in file.lines.iter().flatten().enumerate() {
            let Some(meeting) = &line.meeting else { continue };
            let without = |keep: &dyn Fn(usize) -> bool| -> f64 {
                let count = case.periods();
                let x = spends(&file);
                let kept = x.iter().enumerate().map(|(j, x)| if keep(j / count) { *x } else { 0.0 });
                case.worth(&kept.collect::<Vec<f64>>())
            };
            let (away, alone) = (own - without(&|j| j != i), without(&|j| j == i));
            assert!((meeting.taken_away.revenue.unwrap() - away).abs() <= 2e-6 * value, "case {k}, line {i}");
            assert!((meeting.alone.revenue.unwrap() - alone).abs() <= 2e-6 * value, "case {k}, line {i}");
        }
    }
}

/// One more unit of money, spread as a line's flight is.
#[test]
fn marginal_returns_are_those_of_the_whole_plan() {
    let mut compared = 0;
    for (k, case) in cases().iter().enumerate() {
        let file = proven(&scenario(&case.text(true)));
        let x = spends(&file);
        for (i, line) in file.lines.iter().flatten().enumerate().filter(|(_, l)| l.spend > 1.0) {
            let count = case.periods();
            let moved = |by: f64| -> f64 {
                let each = x.iter().enumerate();
                let own = |j: usize| if j / count == i { 1.0 + by / line.spend } else { 1.0 };
                case.worth(&each.map(|(j, x)| x * own(j)).collect::<Vec<f64>>())
            };
            let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
            let told = line.mroas.unwrap();
            assert!(
                (told - slope).abs() <= 1e-4 * slope.abs().max(0.01),
                "case {k}, line {i}: {told} {slope}"
            );
            compared += 1;
        }
    }
    assert!(compared > 2 * cases().len(), "{compared} compared");
}

/// One period, and periods that are alike without memory, give the plan in total.
#[test]
fn one_period_or_periods_alike_are_the_plan_in_total() {
    for count in [1, 3] {
        for mut case in cases() {
            case.seasons = vec![1.0; count];
            for line in &mut case.lines {
                (line.retention, line.opening, line.season) = (0.0, 0.0, PLAIN);
                line.curve.2 = 1.0;
            }
            if let Kind::Pool(kept) = &mut case.kind
                && count > 1
            {
                *kept = 0.0;
            }
            let (flown, whole) = (solved(&scenario(&case.text(true))), solved(&scenario(&case.text(false))));
            let (a, b) = (flown.value.unwrap(), whole.value.unwrap());
            let gap = flown.certificate.as_ref().unwrap().gap.unwrap().max(2e-6);
            assert!((a - b).abs() <= gap * b, "{count} periods: {a} {b}, gap {gap}");
            assert!(flown.status == Status::Optimal || gap < 1e-4, "{gap}");
        }
    }
}

#[test]
fn wrong_input_is_refused() {
    let pool = &cases()[3];
    let kept = pool.text(true).replace("retention = 0.5\n", "retention = 1.0\n");
    assert!(rejected(&kept).contains("a share from 0 to 0.97"), "{}", rejected(&kept));
    let mut harvested = Case { kind: pool.kind, lines: pool.lines.clone(), ..cases().remove(3) };
    harvested.lines[2].season = [1.0, 2.0, 1.0];
    let why = rejected(&harvested.text(true));
    assert!(why.contains("which no season makes larger"), "{why}");
}

/// A quarter week by week: weeks alike without carry-over return what the quarter
/// does, and it is proven, since the levels of a week are bounded range by range.
#[test]
fn a_quarter_by_week_is_the_quarter() {
    let whole = include_str!("../../scenarios/halo.toml");
    let horizon = "horizon = { periods = 1, unit = \"quarter\" }";
    assert!(whole.contains(horizon));
    let weeks = "horizon = { start = 2026-01-05, periods = 13, unit = \"week\", plan = \"by_period\" }";
    let [in_total, by_week] =
        [whole.to_owned(), whole.replace(horizon, weeks)].map(|t| solved(&scenario(&t)));
    let proof = |file: &ResultFile| file.certificate.as_ref().and_then(|c| c.gap).unwrap();
    assert_eq!((in_total.status, by_week.status), (Status::Optimal, Status::Optimal));
    assert!(proof(&by_week) <= 1e-6, "gap {:e}", proof(&by_week));
    let (quarter, weeks) = (in_total.value.unwrap(), by_week.value.unwrap());
    assert!((weeks - quarter).abs() <= 2e-6 * quarter, "{weeks} by week, {quarter} in total");
}
