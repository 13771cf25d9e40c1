//! Marginal returns where a curve has kinks or part of the horizon is over.

use approx::assert_relative_eq;
use outlay_scenario::Status;

use super::meaning::limit;
use crate::support::{proven, scenario, solved};

/// Line A is half over; `over` is what the floor on marginal return covers.
fn begun(over: &str, past: &str) -> String {
    format!(
        r#"
outlay = 1
budget = {{ max = 1000 }}
limits = [{{ name = "m", metric = "mroas", min = 1.5, over = "{over}" }}]
[[lines]]
name = "A"
outcome = "revenue"
past = {past}
curve = {{ family = "hill", ceiling = 100, half_saturation = 100, shape = 1 }}
[[lines]]
name = "B"
outcome = "revenue"
curve = {{ family = "table", points = [[100, 200], [200, 300], [300, 320]] }}
"#
    )
}

#[test]
fn over_the_rest_nothing_more_is_off() {
    let result = solved(&scenario(&begun("rest", "{ share = 0.5, spend = 40, outcome = 10 }")));
    assert_eq!(result.status, Status::Optimal);
    let spends: Vec<f64> = result.lines.iter().flatten().map(|l| l.spend).collect();
    assert_eq!(spends, [40.0, 100.0], "no unit of A earns 1.5 any more");
    assert_eq!(limit(&result, "m").value, Some(2.0), "the last unit of B earned 2");
    assert!(limit(&result, "m").binding, "the next one would earn 1");
    // Nor can money be taken back where the whole horizon is judged.
    let whole = solved(&scenario(&begun("whole", "{ share = 0.5, spend = 40, outcome = 10 }")));
    assert_eq!((whole.status, limit(&whole, "m").value), (Status::Optimal, Some(2.0)));
    // A curve that earns enough for a while goes on: 50 x / (50 + x) of the rest
    // has slope 2500 / (50 + x)^2 = 1.5 nowhere, with three times the ceiling it has.
    let text = begun("rest", "{ share = 0.5, spend = 40, outcome = 10 }")
        .replace("ceiling = 100,", "ceiling = 300,");
    let more = solved(&scenario(&text)).lines.unwrap()[0].spend;
    assert_relative_eq!(more, 40.0 + 5000.0_f64.sqrt() - 50.0, max_relative = 1e-6);
}

#[test]
fn a_marginal_return_at_a_kink_is_that_of_the_last_unit() {
    let alone = |more: &str| {
        format!(
            r#"
outlay = 1
budget = {{ max = 1000 }}
limits = [{{ name = "m", metric = "mroas", min = 1.5 }}]
[[lines]]
name = "A"
outcome = "revenue"
spend = {{ current = 200 }}
{more}
"#
        )
    };
    let table = "curve = { family = \"table\", points = [[100, 200], [200, 300], [300, 320]] }";
    let result = proven(&scenario(&alone(table)));
    assert_eq!((result.value, limit(&result, "m").value), (Some(200.0), Some(2.0)));
    assert_eq!(limit(&result, "m").reference, Some(1.0), "today's last unit earned 1");
    assert!(limit(&result, "m").binding);
    // A dearer second tier is a kink as well: 2 per unit up to 100, then 2 / 1.6.
    let tiers =
        "curve = { family = \"linear\", rate = 2 }\ndeal = { tiers = [{ from = 100, discount = -0.6 }] }";
    let tiered = proven(&scenario(&alone(tiers)));
    assert_eq!((limit(&tiered, "m").value, tiered.lines.unwrap()[0].spend), (Some(2.0), 100.0));
    // A fee counts: 2 / 1.25.
    let fee = proven(&scenario(&alone(&format!("{table}\nfee = 0.25"))));
    assert_relative_eq!(limit(&fee, "m").value.unwrap(), 1.6, max_relative = 1e-12);
}
