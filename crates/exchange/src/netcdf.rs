//! NetCDF-4 files as what they are: HDF5 with attributes.

use hdf5_pure::{AttrValue, Dataset, File, Group};

use crate::error::ImportError;

/// A netCDF-4 file in memory.
pub(crate) struct Netcdf {
    file: File,
    format: &'static str,
}

/// Numbers with their shape, the last index running fastest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

impl Array {
    /// The number at an index for each dimension.
    pub(crate) fn at(&self, index: &[usize]) -> f64 {
        let place =
            self.shape.iter().zip(index).fold(0, |place, (size, i)| place * size + i.min(&(size - 1)));
        self.values.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// Whether bytes are an HDF5 file.
pub(crate) fn is_hdf5(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89HDF\r\n\x1a\n")
}

impl Netcdf {
    pub(crate) fn open(bytes: &[u8], format: &'static str) -> Result<Netcdf, ImportError> {
        let file = File::from_bytes(bytes.to_vec());
        let file = file.map_err(|e| ImportError::Broken { format, what: e.to_string() })?;
        Ok(Netcdf { file, format })
    }

    pub(crate) fn broken(&self, what: String) -> ImportError {
        ImportError::Broken { format: self.format, what }
    }

    /// Whether the root has a group or variable of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        let root = self.file.root();
        let among = |names: Option<Vec<String>>| names.is_some_and(|all| all.iter().any(|n| n == name));
        among(root.groups().ok()) || among(root.datasets().ok())
    }

    /// The text of an attribute of the root.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        text_of(&self.file.root(), name)
    }

    fn variable(&self, path: &str) -> Result<Dataset, ImportError> {
        self.file.dataset(path).map_err(|_| self.broken(format!("there is no variable `{path}`")))
    }

    /// A variable of numbers.
    pub(crate) fn array(&self, path: &str) -> Result<Array, ImportError> {
        let variable = self.variable(path)?;
        let failed = |e: hdf5_pure::Error| self.broken(format!("variable `{path}`: {e}"));
        let shape = variable.shape().map_err(failed)?;
        let values = variable.read_f64().map_err(failed)?;
        let shape: Vec<usize> = shape.iter().filter_map(|s| usize::try_from(*s).ok()).collect();
        if values.len() != shape.iter().product::<usize>() || shape.contains(&0) {
            return Err(self.broken(format!("variable `{path}` is empty or cut short")));
        }
        Ok(Array { shape, values })
    }

    /// A variable of texts.
    pub(crate) fn texts(&self, path: &str) -> Result<Vec<String>, ImportError> {
        let failed = |e: hdf5_pure::Error| self.broken(format!("variable `{path}`: {e}"));
        self.variable(path)?.read_string().map_err(failed)
    }

    /// The text of an attribute of a variable.
    pub(crate) fn attribute(&self, path: &str, name: &str) -> Option<String> {
        let attributes = self.file.dataset(path).ok()?.attrs().ok()?;
        attributes.get(name).and_then(as_text)
    }
}

fn text_of(group: &Group, name: &str) -> Option<String> {
    group.attrs().ok()?.get(name).and_then(as_text)
}

fn as_text(value: &AttrValue) -> Option<String> {
    match value {
        AttrValue::AsciiString(text) | AttrValue::VarLenString(text) | AttrValue::String(text) => {
            Some(text.clone())
        }
        AttrValue::AsciiStringSized { value, .. } => Some(value.clone()),
        _ => None,
    }
}
