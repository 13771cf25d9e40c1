//! What-ifs: the grid of settings that `vary` spans, by index.

use crate::files::decode::{Fault, decode};
use crate::files::diagnostic::Issue;
use crate::files::path::{Path, Target, find, targets};
use crate::files::spec::{VaryMode, VarySpec};
use crate::files::tree::{Node, Span, Tree};
use crate::read::draft::Draft;
use crate::read::rate::{fitted, unfitted};

/// All combinations of the what-ifs, expanded by index.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid {
    /// Axes that combine with everything; the last changes fastest.
    cross: Vec<Axis>,
    /// Axes whose values are taken one at a time, after the scenario as written.
    single: Vec<Axis>,
    len: u64,
}

/// The values of one field.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) path: String,
    pub(crate) targets: Vec<Target>,
    span: Span,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    List(Vec<Tree>),
    Range {
        from: f64,
        to: f64,
        steps: u32,
    },
    /// Factors, and the number written at each target.
    Scale {
        factors: Vec<f64>,
        written: Vec<f64>,
    },
}

/// One field set to one value.
#[derive(Debug, Clone)]
pub(crate) struct Setting<'a> {
    pub(crate) path: &'a str,
    /// Targets and what each is set to.
    pub(crate) values: Vec<(&'a Target, Tree)>,
    /// What the result file states.
    pub(crate) stated: serde_json::Value,
}

impl Grid {
    /// The grid a draft asks for.
    pub(crate) fn new(draft: &Draft) -> Result<Self, Vec<Fault>> {
        let mut grid = Grid { len: 1, ..Grid::default() };
        let mut faults = Vec::new();
        for (index, tree) in draft.vary.iter().enumerate() {
            let field = format!("vary.{index}");
            match decode::<VarySpec>(tree, &field) {
                Err(more) => faults.extend(more),
                Ok(spec) => match Axis::new(&spec, tree, draft, &field) {
                    Err(fault) => faults.push(*fault),
                    Ok(axis) if spec.mode == Some(VaryMode::OneAtATime) => grid.single.push(axis),
                    Ok(axis) => grid.cross.push(axis),
                },
            }
        }
        let len = grid.cross.iter().try_fold(grid.singles(), |n, axis| n.checked_mul(axis.len()));
        match (len, draft.vary.first()) {
            (Some(len), _) => grid.len = len,
            (None, Some(first)) => {
                faults.push(Fault {
                    span: first.span,
                    field: "vary".to_owned(),
                    issue: Issue::TooManyScenarios,
                });
            }
            (None, None) => {}
        }
        if faults.is_empty() { Ok(grid) } else { Err(faults) }
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Number of ways to set the axes taken one at a time.
    fn singles(&self) -> u64 {
        1 + self.single.iter().map(Axis::len).sum::<u64>()
    }

    /// The settings of a combination; empty for the scenario as written.
    pub(crate) fn settings(&self, index: u64) -> Vec<Setting<'_>> {
        let mut settings = Vec::with_capacity(self.cross.len() + 1);
        let singles = self.singles();
        let (mut rest, mut single) = (index / singles, index % singles);
        for axis in self.cross.iter().rev() {
            settings.push(axis.setting(rest % axis.len()));
            rest /= axis.len();
        }
        settings.reverse();
        if single > 0 {
            single -= 1;
            for axis in &self.single {
                if single < axis.len() {
                    settings.push(axis.setting(single));
                    break;
                }
                single -= axis.len();
            }
        }
        settings
    }
}

impl Axis {
    fn new(spec: &VarySpec, tree: &Tree, draft: &Draft, field: &str) -> Result<Self, Box<Fault>> {
        let at = |key: &str| tree.get(key).map_or(tree.span, |t| t.span);
        let fault = |key: &str, issue| Fault { span: at(key), field: format!("{field}.{key}"), issue };
        let path = Path::parse(&spec.set).map_err(|issue| fault("set", issue))?;
        let targets = targets(&path, &draft.lines, &draft.limits).map_err(|issue| fault("set", issue))?;
        let range = spec.from.is_some() || spec.to.is_some() || spec.steps.is_some();
        let given =
            usize::from(spec.values.is_some()) + usize::from(range) + usize::from(spec.scale.is_some());
        if given != 1 {
            let fields = ["values", "from, to and steps", "scale"].map(str::to_owned).to_vec();
            return Err(fault("set", Issue::Choice { fields, found: given, allowed: "exactly one" }).into());
        }
        let values = if let Some(factors) = &spec.scale {
            let written = targets.iter().map(|t| written(t, draft)).collect::<Option<Vec<f64>>>();
            let reason = "has no number to scale; name a field that holds one, such as budget.max".to_owned();
            let issue = Issue::BadPath { path: spec.set.clone(), reason };
            Values::Scale { factors: factors.clone(), written: written.ok_or_else(|| fault("set", issue))? }
        } else if range {
            let missing =
                |key: &str| fault(key, Issue::missing(key, Some("an evenly spaced range".to_owned())));
            let from = spec.from.ok_or_else(|| missing("from"))?;
            let to = spec.to.ok_or_else(|| missing("to"))?;
            Values::Range { from, to, steps: spec.steps.ok_or_else(|| missing("steps"))? }
        } else {
            match tree.get("values").map(|t| &t.node) {
                Some(Node::List(items)) => Values::List(items.clone()),
                _ => Values::List(Vec::new()),
            }
        };
        for target in &targets {
            rescales(target, draft).map_err(|issue| fault("set", issue))?;
        }
        let axis = Axis { path: spec.set.clone(), targets, span: at("set"), values };
        if axis.len() == 0 {
            let issue = Issue::Missing { field: "values".to_owned(), reason: None };
            return Err(fault("values", issue).into());
        }
        Ok(axis)
    }

    fn len(&self) -> u64 {
        match &self.values {
            Values::List(values) => values.len() as u64,
            Values::Range { steps, .. } => u64::from(*steps),
            Values::Scale { factors, .. } => factors.len() as u64,
        }
    }

    fn setting(&self, index: u64) -> Setting<'_> {
        let at = usize::try_from(index).unwrap_or(usize::MAX);
        let number = |n: f64| Tree { node: Node::Number(n), span: self.span };
        let same = |tree: Tree| Setting {
            path: &self.path,
            stated: json(&tree),
            values: self.targets.iter().map(|t| (t, tree.clone())).collect(),
        };
        match &self.values {
            Values::List(values) => match values.get(at) {
                Some(value) => same(value.clone()),
                None => same(Tree { node: Node::Null, span: self.span }),
            },
            Values::Range { from, to, steps } => same(number(evenly(*from, *to, *steps, index))),
            Values::Scale { factors, written } => {
                let factor = factors.get(at).copied().unwrap_or(1.0);
                let scaled = |(t, &w)| (t, number(factor * w));
                let values: Vec<_> = self.targets.iter().zip(written).map(scaled).collect();
                let stated = match values.as_slice() {
                    [(_, tree)] => json(tree),
                    _ => serde_json::json!({ "scale": factor }),
                };
                Setting { path: &self.path, values, stated }
            }
        }
    }
}

/// The `index`-th of `steps` evenly spaced numbers, both ends met exactly.
fn evenly(from: f64, to: f64, steps: u32, index: u64) -> f64 {
    let last = u64::from(steps).saturating_sub(1);
    if index == 0 || last == 0 {
        from
    } else if index >= last {
        to
    } else {
        from + (to - from) * (index as f64 / last as f64)
    }
}

/// The number written where a target leads.
pub(crate) fn written(target: &Target, draft: &Draft) -> Option<f64> {
    match find(draft.part(target.part)?, &target.keys)?.node {
        Node::Number(number) => Some(number),
        _ => None,
    }
}

/// Refuses a change of price or quality that states nothing to change from: it
/// would change nothing, in silence.
pub(crate) fn rescales(target: &Target, draft: &Draft) -> Result<(), Issue> {
    let [rate, field] = target.keys.as_slice() else { return Ok(()) };
    let Some(fitted) = fitted(field).filter(|_| rate == "rate") else { return Ok(()) };
    let rates = draft.part(target.part).and_then(|part| part.get(rate));
    if rates.is_some_and(|r| r.get(fitted).is_some()) {
        return Ok(());
    }
    Err(unfitted(field, fitted, rates.and_then(|r| r.get(field))))
}

/// A tree as JSON.
pub(crate) fn json(tree: &Tree) -> serde_json::Value {
    use serde_json::Value;
    match &tree.node {
        Node::Null => Value::Null,
        Node::Bool(truth) => Value::Bool(*truth),
        Node::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Value::from(*n as i64),
        Node::Number(n) => Value::from(*n),
        Node::Text(text) => Value::String(text.clone()),
        Node::List(items) => Value::Array(items.iter().map(json).collect()),
        Node::Table(table) => {
            Value::Object(table.entries.iter().map(|e| (e.key.to_string(), json(&e.value))).collect())
        }
    }
}
