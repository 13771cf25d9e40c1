//! Row and column numbers of a workbook; far more than are ever written.

pub(crate) fn row(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(crate) fn column(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
