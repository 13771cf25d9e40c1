//! What is said of a frontier on which no real plan was found.

use outlay::{Effort, Format, Range};

const LINE: &str = r#"
outlay = 1
budget = { max = 60 }
lines = [{ name = "A", outcome = "revenue", curve = { family = "michaelis_menten", ceiling = 100, half_saturation = 40 } }]
"#;

#[test]
fn a_percentage_of_next_to_nothing_is_no_distance() {
    let batch = outlay::parse(LINE).unwrap();
    let range = Range { over: "budget.max", from: 20.0, to: 60.0, gap: Some(1e-3) };
    let honest = outlay::frontier(&batch, &range, None, &Effort::default()).unwrap();
    let said = |change: &dyn Fn(usize) -> bool, gap: f64| {
        let mut answer = honest.clone();
        answer.gap = Some(gap);
        for (k, point) in answer.points.iter_mut().enumerate().filter(|(k, _)| change(*k)) {
            // A plan of next to nothing under a bound that is far away.
            point.value = Some(1e-3 * (1.0 + k as f64));
        }
        outlay::show::frontier(&answer, Format::Table).unwrap().replace('\n', " ")
    };
    let near = said(&|_| false, 0.004);
    assert!(near.contains("is within 0.40%") && !near.contains("no plan is known"), "{near}");
    let first = said(&|k| k == 0, 1570.0);
    assert!(first.contains("At budget.max = 20 no plan is known that comes near the best"), "{first}");
    let two = said(&|k| k < 2, 1570.0);
    assert!(two.contains("At 2 of ") && two.contains("budget.max = 20 to "), "{two}");
    let all = said(&|_| true, 1570.0);
    assert!(all.contains("Throughout this range no plan is known"), "{all}");
    let between = said(&|_| false, 1570.0);
    assert!(between.contains("Between some of these points no plan is known"), "{between}");
    for text in [first, two, all, between] {
        assert!(!text.contains("157000") && !text.contains("is within"), "{text}");
    }
}
