//! Lines that meet: read, planned, told and proven; wrong ones refused.

use std::fmt::Write as _;

use outlay_scenario::{ResultFile, Status};

use crate::support::{Folder, proven, rejected, scenario, solved};

/// Curves over spend, in words of the file.
const CURVES: [&str; 4] = [
    r#"{ family = "michaelis_menten", ceiling = 120, half_saturation = 40 }"#,
    r#"{ family = "hill", ceiling = 90, half_saturation = 25, shape = 1.8 }"#,
    r#"{ family = "exponential", ceiling = 70, scale = 30 }"#,
    r#"{ family = "michaelis_menten", ceiling = 60, half_saturation = 20 }"#,
];

fn returned(line: usize, x: f64) -> f64 {
    match line {
        0 => 120.0 * x / (40.0 + x),
        1 => 90.0 / (1.0 + (25.0 / x).powf(1.8)),
        2 => 70.0 * (1.0 - (-x / 30.0).exp()),
        _ => 60.0 * x / (20.0 + x),
    }
}

fn shared(ceiling: f64, z: f64) -> f64 {
    ceiling * (1.0 - (-z / ceiling).exp())
}

/// Lines `a` to `d` with 100 to spend, then whatever follows.
fn four(more: &str) -> String {
    with_curves(&CURVES, more)
}

fn with_curves(curves: &[&str], more: &str) -> String {
    let mut text = "outlay = 1\nbudget = { max = 100 }\n".to_owned();
    for (name, curve) in ["a", "b", "c", "d"].iter().zip(curves) {
        write!(
            text,
            "[[lines]]\nname = \"{name}\"\nstage = \"{}\"\nspend = {{ current = 20 }}\ncurve = {curve}\noutcome = \"revenue\"\n",
            if *name < "c" { "upper" } else { "lower" }
        )
        .unwrap();
    }
    text + more
}

fn plan(text: &str) -> ResultFile {
    let file = solved(&scenario(text));
    assert_eq!(file.status, Status::Optimal);
    assert!(file.certificate.as_ref().unwrap().gap.unwrap() <= 1e-6);
    file
}

fn spends(file: &ResultFile) -> Vec<f64> {
    file.lines.iter().flatten().map(|l| l.spend).collect()
}

/// The best of a grid of four spends that add up to 100.
fn grid(worth: impl Fn(&[f64]) -> f64) -> f64 {
    let mut best = f64::NEG_INFINITY;
    for a in 0..=50 {
        for b in 0..=50 - a {
            for c in 0..=50 - a - b {
                let spends = [a, b, c, 50 - a - b - c].map(|k| 2.0 * f64::from(k));
                best = best.max(worth(&spends));
            }
        }
    }
    best
}

fn never_beaten(text: &str, worth: impl Fn(&[f64]) -> f64) -> ResultFile {
    let file = plan(text);
    let (value, own) = (file.value.unwrap(), worth(&spends(&file)));
    assert!((value - own).abs() <= 1e-9 * value, "{value} is told, {own} is meant");
    let best = grid(worth);
    assert!(best <= value * (1.0 + 1e-6), "{best} beats {value}");
    assert!(best >= 0.99 * value, "{best} is far from {value}");
    let told: f64 = file.lines.iter().flatten().map(|l| l.revenue.unwrap()).sum();
    assert!((told - value).abs() <= 1e-12 * value, "lines tell {told} of {value}");
    file
}

const PAIR: &str = "[[audiences]]\nname = \"Pair\"\nlines = [\"a\", \"b\"]\ncurve = { family = \"exponential\", ceiling = 80, scale = 80 }\n";

#[test]
fn an_audience_and_one_around_it() {
    let f = returned;
    never_beaten(&four(PAIR), |x| shared(80.0, f(0, x[0]) + f(1, x[1])) + f(2, x[2]) + f(3, x[3]));
    let around = "[[audiences]]\nname = \"All\"\nlines = [\"Pair\", \"c\"]\ncurve = { family = \"log\", coefficient = 90, scale = 90 }\n";
    let file = never_beaten(&four(&format!("{around}{PAIR}")), |x| {
        90.0 * ((shared(80.0, f(0, x[0]) + f(1, x[1])) + f(2, x[2])) / 90.0).ln_1p() + f(3, x[3])
    });
    // The lines' figures: alone, together, taken away.
    let x = spends(&file);
    let all = |a: f64, b: f64, c: f64| 90.0 * ((shared(80.0, a + b) + c) / 90.0).ln_1p();
    let (a, b, c) = (f(0, x[0]), f(1, x[1]), f(2, x[2]));
    let own = file.lines.as_ref().unwrap()[0].meeting.as_ref().unwrap();
    let near = |told: Option<f64>, meant: f64| (told.unwrap() - meant).abs() <= 1e-9 * meant;
    assert!(near(own.alone.revenue, all(a, 0.0, 0.0)));
    assert!(near(own.taken_away.revenue, all(a, b, c) - all(0.0, b, c)));
    let shapley = (all(a, 0.0, 0.0)
        + 0.5 * (all(a, b, 0.0) - all(0.0, b, 0.0))
        + 0.5 * (all(a, 0.0, c) - all(0.0, 0.0, c))
        + all(a, b, c)
        - all(0.0, b, c))
        / 3.0;
    assert!(near(file.lines.as_ref().unwrap()[0].revenue, shapley));
    assert!(file.lines.as_ref().unwrap()[3].meeting.is_none());
}

/// Reach of three lines with duplication `d`, in the share of 500 people.
#[test]
fn reach_is_what_several_lines_reach() {
    let curves = [
        r#"{ family = "hill", ceiling = 0.8, half_saturation = 30, shape = 1.5 }"#,
        r#"{ family = "logistic", ceiling = 0.7, scale = 30 }"#,
        r#"{ family = "exponential", ceiling = 0.5, scale = 20 }"#,
        CURVES[3],
    ];
    for d in [1.0, 0.6] {
        let group = format!(
            "[[audiences]]\nname = \"People\"\nlines = [\"a\", \"b\", \"c\"]\nreach = {{ population = 250, value = 2, duplication = {d} }}\n"
        );
        let text = with_curves(&curves, &group);
        if d < 1.0 {
            let why = rejected(&text);
            assert!(why.contains("s.toml:30:") && why.contains("raise `duplication`"), "{why}");
        }
        let text = if d < 1.0 { text.replace("0.8", "0.4").replace("0.7", "0.3") } else { text };
        let (first, second) = if d < 1.0 { (0.4, 0.3) } else { (0.8, 0.7) };
        never_beaten(&text, |x| {
            let reach = [
                first / (1.0 + (30.0 / x[0]).powf(1.5)),
                second * (x[1] / 60.0).tanh(),
                0.5 * (1.0 - (-x[2] / 20.0).exp()),
            ];
            let missed: f64 = reach.iter().map(|r| 1.0 - d * r).product();
            500.0 * (1.0 - missed) / d + returned(3, x[3])
        });
    }
}

#[test]
fn what_changes_nothing_gives_todays_plan() {
    let today = plan(&four(""));
    let near = |file: &ResultFile, least: f64| {
        let (a, b) = (file.value.unwrap(), today.value.unwrap());
        assert!((a - b).abs() <= least * b, "{a} where {b}");
        for (x, y) in spends(file).iter().zip(spends(&today)) {
            assert!((x - y).abs() <= 2e-4 * y, "{x} where {y}");
        }
    };
    let linear = PAIR.replace(
        "{ family = \"exponential\", ceiling = 80, scale = 80 }",
        "{ family = \"linear\", rate = 1 }",
    );
    near(&plan(&four(&linear)), 1e-9);
    let endless = PAIR.replace("80", "1e12");
    near(&plan(&four(&endless)), 1e-9);
    // One line by itself in an audience: its own curve, shared.
    let alone = PAIR.replace("\"a\", \"b\"", "\"c\"");
    never_beaten(&four(&alone), |x| {
        returned(0, x[0]) + returned(1, x[1]) + shared(80.0, returned(2, x[2])) + returned(3, x[3])
    });
}

#[test]
fn limits_and_deals_hold_for_lines_that_meet() {
    let more = "[[limits]]\nname = \"enough\"\nmetric = \"iroas\"\nmin = 1.9\n[[limits]]\nname = \"cap\"\nmetric = \"revenue\"\nwhere = { stage = \"upper\" }\nmax = 55\n";
    let text = four(&format!("{PAIR}{more}")).replace("name = \"d\"", "name = \"d\"\ndeal = { flat = 30 }");
    let file = plan(&text);
    let x = spends(&file);
    assert!(x[3] == 0.0 || x[3] == 30.0, "{x:?}");
    let upper = |x: &[f64]| shared(80.0, returned(0, x[0]) + returned(1, x[1]));
    assert!(upper(&x) <= 55.0 * (1.0 + 1e-9), "{}", upper(&x));
    let mut best: f64 = 0.0;
    for a in 0..200 {
        for b in 0..200 - a {
            for d in [0.0, 30.0] {
                let (a, b) = (0.5 * f64::from(a), 0.5 * f64::from(b));
                if upper(&[a, b]) > 55.0 {
                    continue;
                }
                for c in 0..=100 {
                    let c = 0.01 * f64::from(c) * (100.0 - a - b - d);
                    let earned = upper(&[a, b]) + returned(2, c) + returned(3, d);
                    if c >= 0.0 && earned >= 1.9 * (a + b + c + d) {
                        best = best.max(earned);
                    }
                }
            }
        }
    }
    let value = file.value.unwrap();
    assert!(best <= value * (1.0 + 1e-6) && best >= 0.98 * value, "{best} against {value}");
}

#[test]
fn wrong_meetings_are_refused_with_the_reason() {
    let group = |name: &str, lines: &str, rest: &str| {
        format!("[[audiences]]\nname = \"{name}\"\nlines = [{lines}]\n{rest}\n")
    };
    let curve = "curve = { family = \"exponential\", ceiling = 80, scale = 80 }";
    let pool = |makes: &str, harvests: &str| {
        format!(
            "[[demand]]\nname = \"Brand\"\nbase = 10\nmakes = {{ name = [{makes}] }}\nharvests = {{ name = [{harvests}] }}\n"
        )
    };
    let cases = [
        (group("G", "\"a\", \"x\"", curve), "unknown line or audience `x`"),
        (group("a", "\"b\"", curve), "the audience name `a` is the name of a line already"),
        (group(" ", "\"b\"", curve), "`name` is missing"),
        (group("G", "\"a\", \"G\"", curve), "G contains itself"),
        (
            group("G", "\"a\"", curve) + &group("H", "\"b\", \"a\"", curve),
            "`a` does not go with audience G, which has it too",
        ),
        (
            group("G", "\"H\"", curve) + &group("H", "\"G\", \"a\"", curve),
            "G, H contain each other in a circle",
        ),
        (group("G", "\"a\", \"a\"", curve), "named twice"),
        (
            group("G", "\"a\"", "curve = { family = \"exponential\", ceiling = 80, scale = 40 }"),
            "slope at 0 is 2 and must be 1",
        ),
        (
            group(
                "G",
                "\"a\"",
                "curve = { family = \"hill\", ceiling = 80, half_saturation = 80, shape = 2 }",
            ),
            "concave",
        ),
        (group("G", "\"a\"", ""), "none of `curve`, `reach`, `fitted` is given: give exactly one"),
        (group("G", "\"a\"", "reach = { population = 1000, value = 1 }"), "goes up to 120"),
        (
            group("G", "\"a\"", "reach = { population = 1000, value = 1, duplication = 2 }"),
            "2 is not from 0 (none) to 1",
        ),
        (
            "[[audiences]]\nname = \"G\"\nwhere = { stage = \"uper\" }\n".to_owned() + curve,
            "did you mean `upper`?",
        ),
        (
            PAIR.to_owned() + "[[limits]]\nmetric = \"revenue\"\nwhere = { name = \"a\" }\nmin = 5\n",
            "depends on b, which the limit leaves out",
        ),
        (PAIR.to_owned() + "[[limits]]\nmetric = \"mroas\"\nmin = 1\n", "limit `spend` instead"),
        (pool("\"a\"", "\"a\""), "its curve is either demand or a share of it"),
        (pool("\"a\"", "\"c\""), "reach 70 together, where 1 is all of it"),
        (pool("\"a\"", ""), "a pool needs lines that make demand and lines that harvest it"),
        (pool("\"a\"", "\"c\"").replace("10", "-1"), "-1 is not at least 0"),
    ];
    for (more, reason) in cases {
        let why = rejected(&four(&more));
        assert!(why.contains(reason), "{more}\n{why}");
        assert!(why.starts_with("s.toml:"), "{why}");
    }
    let other = four(PAIR).replacen("outcome = \"revenue\"", "outcome = \"revenue\"\nmargin = 0.4", 1);
    let why = rejected(&other);
    assert!(why.contains("`margin` does not go with lines that meet: a and b differ in it"), "{why}");
}

/// What-ifs reach into audiences by name, and results stand their proof.
#[test]
fn what_ifs_and_proofs() {
    let folder = Folder::new();
    let text = four(PAIR) + "[[vary]]\nset = \"audiences.Pair.curve.ceiling\"\nvalues = [80]\n";
    let path = folder.write("s.toml", text);
    let batch = crate::support::batch(&path);
    let file = proven(&batch.scenario(0).unwrap());
    assert!(file.value.is_some());
    let result = folder.write("s.json", serde_json::to_string(&file).unwrap());
    for verified in outlay_scenario::verify(&outlay_scenario::Files::disk(), &result, None) {
        assert_eq!(verified.unwrap().differences, []);
    }
}
