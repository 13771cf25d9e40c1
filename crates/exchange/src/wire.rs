//! Protocol buffers on the wire: fields of a message, one after another.
//!
//! A field is a key (number and kind) and its value: a varint, eight or four
//! bytes, or a length and as many bytes, which may be a message, a text or data.

/// A message cut short, or no message at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut;

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Field<'a> {
    /// A whole number.
    Whole(u64),
    /// Eight bytes: here always a number with a fraction.
    Double(f64),
    /// A message, a text or data.
    Bytes(&'a [u8]),
    /// Four bytes, which nothing here needs.
    Four,
}

impl<'a> Field<'a> {
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        if let Field::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub(crate) fn double(self) -> Option<f64> {
        if let Field::Double(value) = self { Some(value) } else { None }
    }

    pub(crate) fn whole(self) -> Option<u64> {
        if let Field::Whole(value) = self { Some(value) } else { None }
    }
}

/// A message: its fields by number, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message<'a>(Vec<(u64, Field<'a>)>);

impl<'a> Message<'a> {
    pub(crate) fn read(mut bytes: &'a [u8]) -> Result<Message<'a>, Cut> {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes)?;
            let field = match key & 7 {
                0 => Field::Whole(varint(&mut bytes)?),
                1 => Field::Double(f64::from_le_bytes(taken(&mut bytes, 8)?.try_into().map_err(|_| Cut)?)),
                2 => {
                    let length = varint(&mut bytes)?;
                    Field::Bytes(taken(&mut bytes, usize::try_from(length).map_err(|_| Cut)?)?)
                }
                5 => taken(&mut bytes, 4).map(|_| Field::Four)?,
                _ => return Err(Cut),
            };
            fields.push((key >> 3, field));
        }
        Ok(Message(fields))
    }

    /// All values of a field.
    pub(crate) fn all(&self, number: u64) -> impl Iterator<Item = Field<'a>> + '_ {
        self.0.iter().filter(move |f| f.0 == number).map(|f| f.1)
    }

    /// The value of a field; the last where there are several.
    pub(crate) fn get(&self, number: u64) -> Option<Field<'a>> {
        self.0.iter().rev().find(|f| f.0 == number).map(|f| f.1)
    }

    /// The messages in a field.
    pub(crate) fn messages(&self, number: u64) -> Result<Vec<Message<'a>>, Cut> {
        self.all(number).map(|f| Message::read(f.bytes().ok_or(Cut)?)).collect()
    }

    /// The message in a field; an empty one where there is none.
    pub(crate) fn message(&self, number: u64) -> Result<Message<'a>, Cut> {
        match self.get(number) {
            Some(field) => Message::read(field.bytes().ok_or(Cut)?),
            None => Ok(Message(Vec::new())),
        }
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Cut> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = taken(bytes, 1)?[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Cut)
}

fn taken<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Cut> {
    let (first, rest) = bytes.split_at_checked(count).ok_or(Cut)?;
    *bytes = rest;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_what_is_cut_is_an_error() {
        // 1: 300; 2: "tv"; 3: 1.5; 4: four bytes.
        let bytes =
            [0x08, 0xac, 0x02, 0x12, 2, b't', b'v', 0x19, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0x25, 1, 2, 3, 4];
        let message = Message::read(&bytes).unwrap();
        assert_eq!(message.get(1).and_then(Field::whole), Some(300));
        assert_eq!(message.get(2).and_then(Field::text), Some("tv"));
        assert_eq!(message.get(3).and_then(Field::double), Some(1.5));
        assert_eq!(message.get(4), Some(Field::Four));
        let whole = [0, 3, 7, 16];
        for end in (1..bytes.len()).filter(|end| !whole.contains(end)) {
            assert_eq!(Message::read(&bytes[..end]), Err(Cut), "{end}");
        }
        assert_eq!(Message::read(&[0xff; 12]), Err(Cut));
    }
}
