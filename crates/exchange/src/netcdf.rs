//! Data sets of named arrays: netCDF-4 files, which are HDF5 with attributes, or
//! what a program holds in memory.

use hdf5_pure::{AttrValue, Dataset, File, Group};

use crate::arrays::{Array, Arrays};
use crate::error::ImportError;

/// A data set.
pub(crate) struct Netcdf {
    held: Held,
    format: &'static str,
}

/// Where its arrays are.
enum Held {
    File(File),
    Memory(Arrays),
}

/// Whether bytes are an HDF5 file.
pub(crate) fn is_hdf5(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89HDF\r\n\x1a\n")
}

impl Netcdf {
    pub(crate) fn open(bytes: &[u8], format: &'static str) -> Result<Netcdf, ImportError> {
        let file = File::from_bytes(bytes.to_vec());
        let file = file.map_err(|e| ImportError::Broken { format, what: e.to_string() })?;
        Ok(Netcdf { held: Held::File(file), format })
    }

    pub(crate) fn of(arrays: Arrays, format: &'static str) -> Netcdf {
        Netcdf { held: Held::Memory(arrays), format }
    }

    pub(crate) fn broken(&self, what: String) -> ImportError {
        ImportError::Broken { format: self.format, what }
    }

    /// Whether the root has a group or variable of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        match &self.held {
            Held::File(file) => {
                let root = file.root();
                let among =
                    |names: Option<Vec<String>>| names.is_some_and(|all| all.iter().any(|n| n == name));
                among(root.groups().ok()) || among(root.datasets().ok())
            }
            Held::Memory(arrays) => {
                let mut paths = arrays.numbers.keys().chain(arrays.texts.keys());
                paths.any(|path| path.split('/').next() == Some(name))
            }
        }
    }

    /// The text of an attribute of the root.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        match &self.held {
            Held::File(file) => text_of(&file.root(), name),
            Held::Memory(arrays) => arrays.attributes.get(name).cloned(),
        }
    }

    fn missing(&self, path: &str) -> ImportError {
        self.broken(format!("there is no variable `{path}`"))
    }

    fn variable(&self, file: &File, path: &str) -> Result<Dataset, ImportError> {
        file.dataset(path).map_err(|_| self.missing(path))
    }

    /// Refuses a variable that states more than memory should hold, before it
    /// is made.
    fn check_size(&self, path: &str, shape: &[u64]) -> Result<(), ImportError> {
        const MOST: u64 = 50_000_000;
        let count = shape.iter().try_fold(1_u64, |product, s| product.checked_mul(*s));
        match count.filter(|count| *count <= MOST) {
            Some(_) => Ok(()),
            None => {
                Err(self
                    .broken(format!("variable `{path}` states {shape:?} values; at most {MOST} are read")))
            }
        }
    }

    /// A variable of numbers.
    pub(crate) fn array(&self, path: &str) -> Result<Array, ImportError> {
        let array = match &self.held {
            Held::File(file) => {
                let variable = self.variable(file, path)?;
                let failed = |e: hdf5_pure::Error| self.broken(format!("variable `{path}`: {e}"));
                let shape = variable.shape().map_err(failed)?;
                self.check_size(path, &shape)?;
                let shape = shape.iter().filter_map(|s| usize::try_from(*s).ok()).collect();
                Array { shape, values: variable.read_f64().map_err(failed)? }
            }
            Held::Memory(arrays) => arrays.numbers.get(path).cloned().ok_or_else(|| self.missing(path))?,
        };
        if array.values.len() != array.shape.iter().product::<usize>() || array.shape.contains(&0) {
            return Err(self.broken(format!("variable `{path}` is empty or cut short")));
        }
        Ok(array)
    }

    /// A variable of texts.
    pub(crate) fn texts(&self, path: &str) -> Result<Vec<String>, ImportError> {
        match &self.held {
            Held::File(file) => {
                let failed = |e: hdf5_pure::Error| self.broken(format!("variable `{path}`: {e}"));
                let variable = self.variable(file, path)?;
                self.check_size(path, &variable.shape().map_err(failed)?)?;
                variable.read_string().map_err(failed)
            }
            Held::Memory(arrays) => arrays.texts.get(path).cloned().ok_or_else(|| self.missing(path)),
        }
    }

    /// The text of an attribute of a variable.
    pub(crate) fn attribute(&self, path: &str, name: &str) -> Option<String> {
        match &self.held {
            Held::File(file) => file.dataset(path).ok()?.attrs().ok()?.get(name).and_then(as_text),
            Held::Memory(arrays) => arrays.attributes.get(&format!("{path}@{name}")).cloned(),
        }
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
