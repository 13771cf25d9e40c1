//! Whether a fit finds how channels meet, against simulated truth.
#![allow(clippy::print_stdout, reason = "the figures are for reading")]

mod simulation;

use outlay_curves::fit::{
    Carry, Family, Fit, FitError, Meeting, MeetingFit, Options, Sampling, Verdict, fit,
};
use rayon::prelude::*;
use simulation::meeting::{Case, Recipe, Truth, make};

/// Family and kind of carry-over are known.
fn quick(truth: Truth) -> Options {
    Options {
        families: vec![Family::MichaelisMenten],
        carries: vec![Carry::Geometric],
        sampling: Sampling { chains: 2, warm_up: 200, draws: 300, seed: 1 },
        meeting: Some(truth.asked()),
        ..Options::default()
    }
}

fn found(case: &Case, options: &Options) -> (Fit, MeetingFit) {
    let fit = fit(&case.history, &case.tests, options).unwrap();
    let meeting = fit.meeting.clone().unwrap();
    (fit, meeting)
}

const CLEAR: Recipe =
    Recipe { truth: Truth::Overlap(0.4), weeks: 156, correlation: 0.0, noise: 0.01, test_error: None };

#[test]
fn what_is_there_is_found_and_what_is_not_is_not_claimed() {
    for (truth, verdict) in [
        (Truth::Overlap(0.4), Some(Verdict::Meet)),
        (Truth::Pool(0.9), Some(Verdict::Meet)),
        (Truth::Overlap(0.0), None),
        (Truth::Pool(0.0), None),
    ] {
        let case = make(Recipe { truth, ..CLEAR }, 5);
        let (fit, meeting) = found(&case, &quick(truth));
        assert_eq!(meeting.draws.len(), fit.channels[0].draws.len());
        match verdict {
            Some(verdict) => {
                assert_eq!(meeting.verdict(), verdict, "{truth:?} {meeting:?}");
                let share = meeting.share;
                assert!((share.low..=share.high).contains(&truth.share()), "{truth:?} {share:?}");
                let (with, without) = meeting.hold_out.unwrap();
                // Twelve periods tell a pool; an overlap shows over more.
                assert!(with.error < 1.02 * without.error, "{with:?} {without:?}");
            }
            None => assert_ne!(meeting.verdict(), Verdict::Meet, "{truth:?} {meeting:?}"),
        }
    }
}

#[test]
fn what_cannot_meet_is_refused_with_the_reason() {
    let case = make(CLEAR, 1);
    let asked = |meeting: Meeting| {
        let options = Options { meeting: Some(meeting), ..quick(CLEAR.truth) };
        match fit(&case.history, &[], &options) {
            Err(FitError::Meeting { reason }) => reason,
            other => panic!("{other:?}"),
        }
    };
    let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let overlap = |all: &[&str]| Meeting::Overlap { channels: names(all) };
    assert!(asked(overlap(&["c0", "tv"])).contains("no channel `tv`"));
    assert!(asked(overlap(&["c0"])).contains("two channels"));
    assert!(asked(overlap(&["c0", "c0"])).contains("twice"));
    let pool =
        |makes: &[&str], harvests: &[&str]| Meeting::Pool { makes: names(makes), harvests: names(harvests) };
    assert!(asked(pool(&["c0"], &["c0"])).contains("makes demand or harvests"));
    assert!(asked(pool(&["c0"], &[])).contains("a pool needs"));
}

/// `SETS=100 KIND=overlap SHARE=.4 NOISE=.01 CORRELATION=0 WEEKS=156 TESTS=.2 FULL=1`
#[test]
#[ignore = "minutes"]
fn study() {
    let read = |name: &str, otherwise: f64| {
        std::env::var(name).ok().and_then(|v| v.parse::<f64>().ok()).unwrap_or(otherwise)
    };
    let share = read("SHARE", 0.4);
    let pool = std::env::var("KIND").is_ok_and(|kind| kind == "pool");
    let truth = if pool { Truth::Pool(share) } else { Truth::Overlap(share) };
    let recipe = Recipe {
        truth,
        weeks: read("WEEKS", 156.0) as usize,
        correlation: read("CORRELATION", 0.0),
        noise: read("NOISE", 0.01),
        test_error: Some(read("TESTS", 0.0)).filter(|e| *e > 0.0),
    };
    let full = read("FULL", 0.0) > 0.0;
    let sets = read("SETS", 20.0) as u64;
    let all: Vec<MeetingFit> = (0..sets)
        .into_par_iter()
        .map(|seed| {
            let options = quick(truth);
            let options =
                if full { Options { meeting: options.meeting, ..Options::default() } } else { options };
            found(&make(recipe, 1000 + seed), &options).1
        })
        .collect();
    let part = |of: &dyn Fn(&MeetingFit) -> bool| {
        100.0 * all.iter().filter(|m| of(m)).count() as f64 / all.len() as f64
    };
    let mean = |of: &dyn Fn(&MeetingFit) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
    let covers = |m: &MeetingFit| m.share.low <= share + 1e-9 && share <= m.share.high + 1e-9;
    println!(
        "{recipe:?} {sets} sets: told {:.0}%, silent {:.0}%, apart {:.0}%; covers {:.0}% (where told {:.0}%), median of medians {:.3}, width {:.3}, learnt {:.2}; hold-out better {:.0}%",
        part(&|m| m.verdict() == Verdict::Meet),
        part(&|m| m.verdict() == Verdict::Silent),
        part(&|m| m.verdict() == Verdict::Apart),
        part(&covers),
        100.0 * part(&|m| m.verdict() == Verdict::Meet && covers(m))
            / part(&|m| m.verdict() == Verdict::Meet).max(1e-9),
        simulation::quantile(&mut all.iter().map(|m| m.share.median).collect::<Vec<_>>(), 0.5),
        mean(&|m| m.share.high - m.share.low),
        mean(&|m| m.learnt),
        part(&|m| m.hold_out.is_some_and(|(a, b)| a.error < b.error)),
    );
    for m in all.iter().take(read("SHOW", 0.0) as usize) {
        println!("odds {:.3} share {:?} given {:?} learnt {:.2}", m.odds, m.share, m.given, m.learnt);
    }
}
