//! The tools: their names, what they are for, their arguments, and what runs.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::answer::Answer;
use super::arguments as ask;
use super::{curves, listing, markets, results, scenarios};
use crate::folder::Folder;
use crate::stop::Stop;

/// Seconds where a call asks for none, and the most it can ask for.
const USUAL: u64 = 30;
const MOST: u64 = 300;

/// How long a call may take.
fn time(seconds: Option<u64>) -> Duration {
    Duration::from_secs(seconds.unwrap_or(USUAL).clamp(1, MOST))
}

type Run = fn(&Folder, Value, Arc<AtomicBool>) -> Result<Answer, String>;

/// How long an answer is waited for.
type Wait = fn(&Value) -> Duration;

/// A tool on offer.
pub(super) struct Offer {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    /// Whether it writes a file.
    writes: bool,
    schema: fn() -> schemars::Schema,
    pub(super) run: Run,
    pub(super) wait: Wait,
}

impl Offer {
    pub(super) fn tool(&self) -> Tool {
        let mut tool = Tool::new(self.name, self.about, object((self.schema)()));
        tool.title = Some(self.title.to_owned());
        let hints = ToolAnnotations::with_title(self.title).read_only(!self.writes).open_world(false);
        tool.annotations = Some(hints.destructive(false));
        tool
    }
}

fn object(schema: schemars::Schema) -> JsonObject {
    schema.as_object().cloned().unwrap_or_default()
}

/// The tool of a name.
pub(super) fn find(name: &str) -> Option<&'static Offer> {
    OFFERS.iter().find(|offer| offer.name == name)
}

/// A tool from its arguments and the function behind it.
macro_rules! offer {
    ($name:literal, $title:literal, $arguments:ty, $writes:literal, $run:path, $about:literal) => {
        Offer {
            name: $name,
            title: $title,
            about: $about,
            writes: $writes,
            schema: || schemars::schema_for!($arguments),
            run: |folder, value, cancelled| {
                let arguments: $arguments = read(value)?;
                let stop = Stop::after(time(ask::Bounded::seconds(&arguments)), cancelled);
                $run(folder, &arguments, &stop)
            },
            wait: |value| {
                let seconds = value.get("seconds").and_then(Value::as_u64);
                time(seconds) + <$arguments as ask::Bounded>::GRACE
            },
        }
    };
}

/// Arguments, or which of them is wrong and what there is.
fn read<T: DeserializeOwned + JsonSchema>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| {
        let schema = schemars::schema_for!(T);
        let fields = schema.get("properties").and_then(Value::as_object);
        let names: Vec<&str> = fields.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        format!("the arguments cannot be read: {error}; there are {}", names.join(", "))
    })
}

pub(super) const OFFERS: [Offer; 11] = [
    offer!(
        "files",
        "List files",
        ask::List,
        false,
        listing::files,
        "Lists what stands in the folder: scenarios, curve libraries, saved results, tables. Start here."
    ),
    offer!(
        "solve",
        "Find the best plan",
        ask::Solve,
        true,
        scenarios::solve,
        "Finds the best plan of a scenario file and proves it, or proves that there is none and says which limits contradict each other and what would reconcile them. Ask what-ifs with `set`, `goal` and `limits`; the file stays as it is. Quote the figures' `text` and the sentences as they stand; do not compute with them. Say when `status` is not `optimal`. With `save` the result is kept for `compare` and `verify`."
    ),
    offer!(
        "check",
        "Can all limits hold?",
        ask::Check,
        false,
        scenarios::check,
        "Says whether all limits of a scenario can hold together: how far each can go, or which contradict each other, whose they are, and what would repair it. With `plan` (a CSV or Excel file with line and spend) it judges that plan instead: which rules it breaks and how much better the best plan is."
    ),
    offer!(
        "frontier",
        "Trace the best value over a number",
        ask::Frontier,
        false,
        scenarios::frontier,
        "Traces the best value over a budget, a limit or any other number of a scenario, with the points where what holds the plan changes. Answers: what would more money bring, where does it stop to pay, from which number on is there a plan."
    ),
    offer!(
        "compare",
        "Compare saved results",
        ask::Compare,
        false,
        results::compare,
        "Sets results saved by `solve` side by side and splits their difference by the inputs that changed. The first result is what the others are compared with."
    ),
    offer!(
        "verify",
        "Re-prove saved results",
        ask::Verify,
        false,
        results::verify,
        "Re-proves saved results from their scenarios alone, independently of the solver: whether every figure and the proof still hold."
    ),
    offer!(
        "fit",
        "Fit response curves",
        ask::Fit,
        true,
        curves::fit,
        "Fits response curves to a history of spend and outcome (CSV or Excel), with lift tests where there are some, and writes a new curve library that scenarios name with `curves`. Takes seconds to minutes. Report the warnings with the curves."
    ),
    offer!(
        "lift",
        "Read a market test",
        ask::Lift,
        false,
        markets::lift,
        "Reads a test in some of the markets from a panel of outcome and spend by market and period: the lift and its interval, and the row that `fit` takes as a lift test."
    ),
    offer!(
        "design",
        "Design a market test",
        ask::Design,
        false,
        markets::design,
        "Designs a test on a panel of outcome by market and period: which markets to treat, how long, what effect it would show, what it costs."
    ),
    offer!(
        "next",
        "Which test to run",
        ask::Next,
        false,
        markets::next,
        "Says which test in markets to run next for a scenario whose curves come with draws: what each would be worth in money, because the plan would be better, and what it would cost."
    ),
    offer!(
        "schema",
        "How files are written",
        ask::Schema,
        false,
        listing::schema,
        "The JSON Schema of a file format, with a sentence on every field: `scenario`, `result` or `curves`. Use it before writing or changing a scenario, and for the paths that `set` and `over` take."
    ),
];
