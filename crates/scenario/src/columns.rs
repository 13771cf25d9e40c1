//! Coefficients by line, each vector made once and shared.

use std::sync::Arc;

use crate::scenario::ScenarioLine;

/// What a coefficient stands for; see [`Kind::of`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    One,
    MinusOne,
    Cost,
    NegativeCost,
    Revenue,
    LongTermRevenue,
    Customers,
    LifetimeValue,
    Margin,
    Units,
    Attribute(String),
}

impl Kind {
    /// The coefficient of a line, per unit of spend or of its curve; 0 where an
    /// input is missing, which validation has excluded where it matters.
    fn of(&self, line: &ScenarioLine) -> f64 {
        let revenue = line.revenue_per_outcome.unwrap_or(0.0);
        let customers = line.customers_per_outcome.unwrap_or(0.0);
        match self {
            Kind::One => 1.0,
            Kind::MinusOne => -1.0,
            Kind::Cost => 1.0 + line.fee,
            Kind::NegativeCost => -(1.0 + line.fee),
            Kind::Revenue => revenue,
            Kind::LongTermRevenue => revenue * line.long_term.as_ref().map_or(1.0, |l| l.0),
            Kind::Customers => line.new_customer_share * customers,
            Kind::LifetimeValue => line.lifetime_value.unwrap_or(0.0) * customers,
            Kind::Margin => line.margin.unwrap_or(0.0) * revenue,
            Kind::Units => line.media.as_ref().map_or(0.0, |m| m.units_per_spend),
            Kind::Attribute(name) => line.attributes.get(name).copied().unwrap_or(0.0),
        }
    }
}

/// The vectors made so far.
pub(crate) struct Columns<'a> {
    lines: &'a [Arc<ScenarioLine>],
    made: Vec<Column>,
}

struct Column {
    kind: Kind,
    selected: Option<Arc<[usize]>>,
    coefficients: Arc<[f64]>,
}

impl<'a> Columns<'a> {
    pub(crate) fn new(lines: &'a [Arc<ScenarioLine>]) -> Self {
        Columns { lines, made: Vec::new() }
    }

    /// Coefficients of a kind for the lines selected, 0 for the others.
    pub(crate) fn get(&mut self, kind: Kind, selected: Option<&Arc<[usize]>>) -> Arc<[f64]> {
        let same = |c: &&Column| c.kind == kind && c.selected.as_ref() == selected;
        if let Some(made) = self.made.iter().find(same) {
            return made.coefficients.clone();
        }
        let coefficients: Arc<[f64]> = match selected {
            None => self.lines.iter().map(|line| kind.of(line)).collect(),
            Some(selected) => {
                let mut column = vec![0.0; self.lines.len()];
                for &i in selected.iter() {
                    if let (Some(slot), Some(line)) = (column.get_mut(i), self.lines.get(i)) {
                        *slot = kind.of(line);
                    }
                }
                column.into()
            }
        };
        self.made.push(Column { kind, selected: selected.cloned(), coefficients: coefficients.clone() });
        coefficients
    }
}
