//! Files of NetCDF's classic formats (versions 1, 2 and 5), as arrays.
//!
//! A header of dimensions, attributes and variables in big-endian numbers, each
//! padded to four bytes; a variable says where its values begin. Attributes are
//! passed over: nothing here needs them.

use crate::arrays::{Array, Arrays};

/// Whether bytes are such a file.
pub(crate) fn is_netcdf3(bytes: &[u8]) -> bool {
    matches!(bytes, [b'C', b'D', b'F', 1 | 2 | 5, ..])
}

/// Reads all variables.
///
/// # Errors
/// What the file lacks, in words.
pub(crate) fn read(bytes: &[u8]) -> Result<Arrays, String> {
    if !is_netcdf3(bytes) {
        return Err("it is no NetCDF file of version 1, 2 or 5".to_owned());
    }
    let mut header = Header { bytes, at: 4, version: bytes[3] };
    let records = header.count()?;
    let dimensions = header.list(0x0a, |h| {
        let name = h.name()?;
        Ok((name, h.count()?))
    })?;
    header.attributes()?;
    let variables = header.list(0x0b, Header::variable)?;
    let mut found = Arrays::default();
    for variable in variables {
        let size = |id: &usize| match dimensions.get(*id) {
            Some((name, 0)) if records > 0 => {
                Err(format!("dimension `{name}` grows: variables with records are not read"))
            }
            Some((_, size)) => Ok(*size),
            None => Err(format!("variable `{}` has a dimension that is not there", variable.name)),
        };
        let shape = variable.dimensions.iter().map(size).collect::<Result<Vec<usize>, String>>()?;
        let cut = || format!("variable `{}` is cut short", variable.name);
        let count = shape.iter().try_fold(1_usize, |n, s| n.checked_mul(*s)).ok_or_else(cut)?;
        let length = count.checked_mul(variable.kind.size()).ok_or_else(cut)?;
        let values = variable.begin.checked_add(length).and_then(|end| bytes.get(variable.begin..end));
        let values = values.ok_or_else(cut)?;
        if variable.kind == Kind::Char {
            let width = shape.last().copied().unwrap_or(1).max(1);
            let texts = values.chunks(width).map(|text| {
                let text: Vec<u8> = text.iter().copied().take_while(|b| *b != 0).collect();
                String::from_utf8_lossy(&text).trim_end().to_owned()
            });
            found.texts.insert(variable.name, texts.collect());
        } else {
            let values = values.chunks_exact(variable.kind.size()).map(|b| variable.kind.number(b)).collect();
            found.numbers.insert(variable.name, Array { shape, values });
        }
    }
    Ok(found)
}

/// The type of a variable's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Byte,
    Char,
    Short,
    Int,
    Float,
    Double,
    UnsignedByte,
    UnsignedShort,
    UnsignedInt,
    Long,
    UnsignedLong,
}

impl Kind {
    const ALL: [Kind; 11] = [
        Kind::Byte,
        Kind::Char,
        Kind::Short,
        Kind::Int,
        Kind::Float,
        Kind::Double,
        Kind::UnsignedByte,
        Kind::UnsignedShort,
        Kind::UnsignedInt,
        Kind::Long,
        Kind::UnsignedLong,
    ];

    fn size(self) -> usize {
        match self {
            Kind::Byte | Kind::Char | Kind::UnsignedByte => 1,
            Kind::Short | Kind::UnsignedShort => 2,
            Kind::Int | Kind::Float | Kind::UnsignedInt => 4,
            Kind::Double | Kind::Long | Kind::UnsignedLong => 8,
        }
    }

    /// The number in as many bytes as its size.
    fn number(self, bytes: &[u8]) -> f64 {
        let whole = bytes.iter().fold(0_u64, |n, b| (n << 8) | u64::from(*b));
        // The low bits are the number; casts keep them.
        match self {
            Kind::Byte => f64::from(whole as u8 as i8),
            Kind::Short => f64::from(whole as u16 as i16),
            Kind::Int => f64::from(whole as u32 as i32),
            Kind::Float => f64::from(f32::from_bits(whole as u32)),
            Kind::Double => f64::from_bits(whole),
            Kind::Long => whole as i64 as f64,
            Kind::Char
            | Kind::UnsignedByte
            | Kind::UnsignedShort
            | Kind::UnsignedInt
            | Kind::UnsignedLong => whole as f64,
        }
    }
}

struct Variable {
    name: String,
    dimensions: Vec<usize>,
    kind: Kind,
    begin: usize,
}

struct Header<'a> {
    bytes: &'a [u8],
    at: usize,
    version: u8,
}

impl<'a> Header<'a> {
    fn taken(&mut self, count: usize) -> Result<&'a [u8], String> {
        let end = self.at.checked_add(count);
        let found = end.and_then(|end| self.bytes.get(self.at..end));
        let found = found.ok_or_else(|| "its NetCDF header is cut short".to_owned())?;
        self.at += count;
        Ok(found)
    }

    fn number(&mut self, size: usize) -> Result<usize, String> {
        let whole = self.taken(size)?.iter().fold(0_u64, |n, b| (n << 8) | u64::from(*b));
        usize::try_from(whole).map_err(|_| "its NetCDF header holds a size beyond all bounds".to_owned())
    }

    /// A number of things: of eight bytes in version 5.
    fn count(&mut self) -> Result<usize, String> {
        self.number(if self.version == 5 { 8 } else { 4 })
    }

    fn padded(&mut self, count: usize) -> Result<&'a [u8], String> {
        let found = self.taken(count)?;
        self.taken((4 - count % 4) % 4)?;
        Ok(found)
    }

    fn name(&mut self) -> Result<String, String> {
        let length = self.count()?;
        Ok(String::from_utf8_lossy(self.padded(length)?).into_owned())
    }

    fn kind(&mut self) -> Result<Kind, String> {
        let code = self.number(4)?;
        let found = code.checked_sub(1).and_then(|i| Kind::ALL.get(i)).copied();
        found.ok_or_else(|| format!("its NetCDF header names a type {code} that does not exist"))
    }

    /// A list of things behind its tag; a list that is not there has the tag 0.
    fn list<T>(&mut self, tag: usize, one: fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let found = self.number(4)?;
        let count = self.count()?;
        if found != tag && (found, count) != (0, 0) {
            return Err("its NetCDF header is damaged".to_owned());
        }
        // Grows with what is read: a wrong count ends where the bytes end.
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn attributes(&mut self) -> Result<(), String> {
        self.list(0x0c, |h| {
            h.name()?;
            let kind = h.kind()?;
            let count = h.count()?;
            h.padded(count.checked_mul(kind.size()).ok_or("its NetCDF header is damaged")?).map(|_| ())
        })
        .map(|_| ())
    }

    fn variable(&mut self) -> Result<Variable, String> {
        let name = self.name()?;
        let count = self.count()?;
        let mut dimensions = Vec::new();
        for _ in 0..count {
            dimensions.push(self.count()?);
        }
        self.attributes()?;
        let kind = self.kind()?;
        self.count()?;
        let begin = self.number(if self.version == 1 { 4 } else { 8 })?;
        Ok(Variable { name, dimensions, kind, begin })
    }
}
