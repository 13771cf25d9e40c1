//! Saved files of every kind, made in memory.

use std::path::PathBuf;

use outlay::scenario::Verified;
use outlay::{Effort, Error, Files, Range};
use serde_json::{Value, json};

pub(super) const LINES: &str = r#"
lines = [
    { name = "A", stage = "upper", spend = { current = 250 }, outcome = "revenue", revenue_per_customer = 10, curve = { family = "michaelis_menten", ceiling = 1000, half_saturation = 400 } },
    { name = "B", stage = "lower", spend = { current = 150 }, outcome = "revenue", revenue_per_customer = 10, curve = { family = "michaelis_menten", ceiling = 600, half_saturation = 100 } },
]
"#;
pub(super) const SHARE: &str = "\n[[limits]]\nname = \"Upper\"\nmetric = \"spend_share\"\nwhere = { stage = \"upper\" }\nmax = 0.6\nmin = 0.1\n";
pub(super) const REVENUE: &str = "\n[[limits]]\nname = \"Revenue\"\nmetric = \"revenue\"\nmin = 2000\n";
pub(super) const TRAP: &str = r#"
outlay = 1
budget = { max = 60 }
lines = [
    { name = "A", outcome = "revenue", curve = { family = "hill", ceiling = 100, half_saturation = 40, shape = 3 } },
    { name = "B", outcome = "revenue", curve = { family = "hill", ceiling = 80, half_saturation = 30, shape = 2.5 } },
    { name = "C", outcome = "revenue", curve = { family = "hill", ceiling = 60, half_saturation = 20, shape = 4 } },
]
"#;

pub(super) fn text(goal: &str, budget: &str, limits: &str) -> String {
    format!("outlay = 1\nname = \"Plan\"\ngoal = {goal}\nbudget = {budget}\n{LINES}{limits}")
}

pub(super) fn plain() -> String {
    text("{ maximize = \"revenue\" }", "{ max = 500 }", SHARE)
}

/// Files in memory, and one of them that is to be proven.
pub(super) struct Saved {
    pub(super) held: Vec<(String, Vec<u8>)>,
    pub(super) at: &'static str,
}

impl Saved {
    pub(super) fn files(&self) -> Files {
        Files::memory(self.held.clone())
    }

    pub(super) fn text(&self) -> String {
        let own = self.held.iter().find(|(name, _)| name == self.at).expect("saved");
        String::from_utf8(own.1.clone()).expect("text")
    }

    pub(super) fn value(&self) -> Value {
        serde_json::from_str(&self.text()).expect("JSON")
    }

    /// The same with another file beside, or in the place of one.
    pub(super) fn with(&self, name: &str, content: impl Into<Vec<u8>>) -> Saved {
        let mut held = self.held.clone();
        held.retain(|(known, _)| known != name);
        held.push((name.to_owned(), content.into()));
        Saved { held, at: self.at }
    }

    pub(super) fn told(&self, lie: &Value) -> Saved {
        self.with(self.at, lie.to_string())
    }

    pub(super) fn verdicts(&self, gap: Option<f64>) -> Vec<Result<Verified, Error>> {
        outlay::verify(&self.files(), self.at, gap)
    }

    pub(super) fn verdict(&self, gap: Option<f64>) -> Result<Verified, Error> {
        let mut all = self.verdicts(gap);
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// The fields that differ; that the file is refused stands for one.
    pub(super) fn refuted(&self) -> Vec<String> {
        match self.verdict(None) {
            Ok(verified) => verified.differences.into_iter().map(|d| d.field).collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    pub(super) fn stands(&self) -> bool {
        self.refuted().is_empty()
    }
}

pub(super) fn solved(text: &str, effort: &Effort) -> Saved {
    beside(vec![("plan.toml".to_owned(), text.into())], effort)
}

pub(super) fn beside(held: Vec<(String, Vec<u8>)>, effort: &Effort) -> Saved {
    let batch = outlay::read(&Files::memory(held.clone()), "plan.toml").expect("a scenario");
    let result = outlay::solve(&batch.scenario(0).unwrap(), &effort.proofs(true)).unwrap().result;
    Saved { held, at: "result.json" }.with("result.json", serde_json::to_string(&result).unwrap())
}

pub(super) fn asked<T: serde::Serialize>(
    text: &str,
    ask: impl Fn(&Files, &outlay::scenario::Batch) -> T,
) -> Saved {
    let saved = Saved { held: vec![("plan.toml".to_owned(), text.into())], at: "answer.json" };
    let batch = outlay::read(&saved.files(), "plan.toml").expect("a scenario");
    let answer = serde_json::to_string(&ask(&saved.files(), &batch)).unwrap();
    saved.with("answer.json", answer)
}

pub(super) fn judged() -> Saved {
    judged_to(&Effort::default())
}

pub(super) fn judged_to(effort: &Effort) -> Saved {
    let hand = "line,spend\nA,200\nB,180\n";
    let saved = asked(&plain(), |files, batch| {
        let scenario = batch.scenario(0).unwrap();
        let files = files.with([("sheets/hand.csv", hand)]);
        let plan = outlay::hand_plan(&outlay::data(&files, "sheets/hand.csv").unwrap(), &scenario).unwrap();
        outlay::judge(&scenario, &plan, Some(0.1), &effort.proofs(true)).unwrap()
    });
    saved.with("sheets/hand.csv", hand)
}

pub(super) fn traced() -> Saved {
    traced_to(0.01)
}

pub(super) fn traced_to(gap: f64) -> Saved {
    asked(&plain(), |_, batch| {
        let range = Range { over: "budget.max", from: 300.0, to: 700.0, gap: Some(gap) };
        outlay::frontier(batch, &range, None, &Effort::default().proofs(true)).unwrap()
    })
}

pub(super) fn compared() -> Saved {
    compared_to(&Effort::default())
}

pub(super) fn compared_to(effort: &Effort) -> Saved {
    let first = solved(&plain(), &Effort::default());
    let more = first
        .with("more.toml", text("{ maximize = \"revenue\" }", "{ max = 600 }", &SHARE.replace("0.6", "0.5")));
    let batch = outlay::read(&more.files(), "more.toml").unwrap();
    let result = outlay::solve(&batch.scenario(0).unwrap(), &Effort::default().proofs(true)).unwrap().result;
    let more = more.with("more.json", serde_json::to_string(&result).unwrap());
    let paths: [PathBuf; 2] = ["result.json".into(), "more.json".into()];
    let answer = outlay::compare(&more.files(), &paths, &effort.proofs(true)).unwrap();
    Saved { at: "answer.json", ..more }.with("answer.json", serde_json::to_string(&answer).unwrap())
}

pub(super) fn floor(least: f64) -> Value {
    json!([{"name": "Floor", "metric": "revenue", "min": least}])
}

pub(super) fn over_draws(goal: Value, limits: Value) -> Saved {
    over_draws_to(goal, limits, &Effort::default())
}

pub(super) fn over_draws_to(goal: Value, limits: Value, effort: &Effort) -> Saved {
    let hill = |ceiling: f64, half: f64| json!({"family": "hill", "ceiling": ceiling, "half_saturation": half, "shape": 0.8});
    let curve = |name: &str, size: f64| {
        let draws: Vec<Value> =
            (0..6).map(|k| hill(size * (0.7 + 0.1 * f64::from(k)), 90.0 - 5.0 * f64::from(k))).collect();
        json!({"name": name, "outcome": "revenue", "curve": hill(size, 80.0), "draws": draws})
    };
    let line = |name: &str| json!({"name": name, "spend": {"current": 300}, "revenue_per_customer": 5});
    let scenario = json!({
        "outlay": 1, "curves": "c.json", "horizon": {"periods": 4, "unit": "week"}, "goal": goal,
        "budget": {"max": 800}, "lines": [line("A"), line("B")], "limits": limits,
    });
    let library = json!({"outlay": 1, "unit": "week", "curves": [curve("A", 900.0), curve("B", 600.0)]});
    let held = vec![
        ("plan.json".to_owned(), scenario.to_string().into_bytes()),
        ("c.json".to_owned(), library.to_string().into_bytes()),
    ];
    let batch = outlay::read(&Files::memory(held.clone()), "plan.json").expect("a scenario");
    let result = outlay::solve(&batch.scenario(0).unwrap(), &effort.proofs(true)).unwrap().result;
    Saved { held, at: "result.json" }.with("result.json", serde_json::to_string(&result).unwrap())
}

pub(super) fn embedded() -> Saved {
    let saved = solved(&plain(), &Effort::default());
    let inputs = outlay::inputs(&saved.files(), &["result.json".into()]).unwrap();
    let mut value = saved.value();
    value["inputs"] = serde_json::to_value(inputs).unwrap();
    saved.told(&value)
}

pub(super) fn kinds() -> Vec<(&'static str, Saved)> {
    let effort = Effort::default();
    let goals = "[{ maximize = \"revenue\" }, { minimize = \"moved\", within = 0.01 }]";
    vec![
        ("optimal", solved(&plain(), &effort)),
        ("within gap", solved(TRAP, &effort.gap(1e-12).nodes(1))),
        ("leaves", solved(TRAP, &effort)),
        ("infeasible", solved(&(plain() + REVENUE), &effort)),
        ("rounded", solved(&plain(), &effort.round(30.0))),
        ("several goals", solved(&text(goals, "{ max = 500 }", SHARE), &effort)),
        ("least cost", solved(&text("{ minimize = \"cac\" }", "{ min = 300 }", SHARE), &effort)),
        ("embedded", embedded()),
        ("infeasible, to a gap", solved(&(plain() + REVENUE), &effort.gap(1e-4))),
        (
            "no least cost",
            solved(
                &text("{ minimize = \"cac\" }", "{ min = 300, max = 500 }", &(SHARE.to_owned() + REVENUE)),
                &effort,
            ),
        ),
        ("undetermined", solved(&(plain() + REVENUE), &effort.cancel(&|| true))),
        (
            "checked",
            asked(&plain(), |_, b| outlay::check(&b.scenario(0).unwrap(), &effort.proofs(true)).unwrap()),
        ),
        (
            "refuted",
            asked(&(plain() + REVENUE), |_, b| {
                outlay::check(&b.scenario(0).unwrap(), &effort.proofs(true)).unwrap()
            }),
        ),
        ("judged", judged()),
        ("traced", traced()),
        ("compared", compared()),
        ("mean of draws", over_draws(json!({"maximize": "revenue"}), json!([]))),
        ("worst draws", over_draws(json!({"maximize": "revenue", "worst": 0.4}), json!([]))),
        (
            "regret, to a gap",
            over_draws_to(json!({"maximize": "revenue", "regret": true}), json!([]), &effort.gap(1e-3)),
        ),
        ("no plan over draws", over_draws(json!({"maximize": "revenue", "worst": 0.4}), floor(9e9))),
        ("no plan on the mean", over_draws(json!({"maximize": "revenue"}), floor(9e9))),
        (
            "probable",
            over_draws(
                json!({"maximize": "revenue"}),
                json!([{"name": "Floor", "metric": "revenue", "min": 2000, "probability": 0.75}]),
            ),
        ),
    ]
}
