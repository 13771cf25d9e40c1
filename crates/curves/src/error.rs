//! Why parameters do not describe a response curve.

use thiserror::Error;

/// Why parameters do not describe a response curve.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CurveError {
    /// A parameter lies outside its range.
    #[error("{family}: {parameter} is {value}, must be {allowed}")]
    Parameter {
        /// Family name as written in a scenario, for example `hill`.
        family: &'static str,
        /// Parameter name as written in a scenario.
        parameter: &'static str,
        /// The offending value.
        value: f64,
        /// What is allowed, in words.
        allowed: &'static str,
    },
    /// A table has no point beyond (0, 0).
    #[error("table: needs at least one point with spend above 0")]
    EmptyTable,
    /// A table's spends do not increase strictly.
    #[error("table: spend {spend} at point {index} does not exceed the one before it")]
    SpendOrder {
        /// Index into the points as given, from 0.
        index: usize,
        /// The offending spend.
        spend: f64,
    },
    /// A table's outcomes fall.
    #[error("table: outcome {outcome} at point {index} is below the one before it")]
    OutcomeFalls {
        /// Index into the points as given, from 0.
        index: usize,
        /// The offending outcome.
        outcome: f64,
    },
    /// Price tiers do not start at increasing spends.
    #[error("tiers: spend {spend} at tier {index} does not exceed the one before it")]
    TierOrder {
        /// Index into the tiers as given, from 0.
        index: usize,
        /// The offending spend.
        spend: f64,
    },
}

/// Checks that a parameter is finite and positive.
pub(crate) fn positive(family: &'static str, parameter: &'static str, value: f64) -> Result<f64, CurveError> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(CurveError::Parameter { family, parameter, value, allowed: "a finite number above 0" })
    }
}
