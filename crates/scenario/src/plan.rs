//! From the model to the allocator's problem, and from a solution to a result.

pub(crate) mod columns;
pub(crate) mod conflict;
pub(crate) mod contradicted;
pub(crate) mod earned;
pub(crate) mod figures;
pub(crate) mod flown;
pub(crate) mod kept;
pub(crate) mod layout;
pub(crate) mod lower;
pub(crate) mod met;
pub(crate) mod ordered;
pub(crate) mod outcome;
pub(crate) mod over_draws;
pub(crate) mod pairing;
pub(crate) mod proofs;
pub(crate) mod quantity;
pub(crate) mod rounding;
pub(crate) mod solved;
pub(crate) mod uncertain;
pub(crate) mod worst;
