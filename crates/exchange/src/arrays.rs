//! What another program holds in memory: arrays by path.

use std::collections::BTreeMap;

/// Numbers with their shape, the last index running fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// The size of each dimension.
    pub shape: Vec<usize>,
    /// As many numbers as the sizes multiply to.
    pub values: Vec<f64>,
}

impl Array {
    /// The number at an index for each dimension.
    pub(crate) fn at(&self, index: &[usize]) -> f64 {
        let place =
            self.shape.iter().zip(index).fold(0, |place, (size, i)| place * size + i.min(&(size - 1)));
        self.values.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// A data set as its program would write it to a netCDF file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arrays {
    /// Texts of the whole by name, and of a variable by `path@name`.
    pub attributes: BTreeMap<String, String>,
    /// Variables of numbers by path: `posterior/saturation_beta`.
    pub numbers: BTreeMap<String, Array>,
    /// Variables of texts by path: `constant_data/channel`.
    pub texts: BTreeMap<String, Vec<String>>,
}
