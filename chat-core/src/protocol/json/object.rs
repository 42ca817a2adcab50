//! The writer of an object, field by field in the order of the calls.

use serde::Serialize;

const TAKES: &str = "a Vec takes all bytes, and all keys here are strings";

/// An unfinished object at the end of a buffer.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn open(out: &'a mut Vec<u8>) -> Object<'a> {
        out.push(b'{');
        Object { out, is_empty: true }
    }

    pub(super) fn field(&mut self, name: &str, value: impl Serialize) -> &mut Object<'a> {
        serde_json::to_writer(self.begin(name), &value).expect(TAKES);
        self
    }

    /// Appends a field, if it has a value.
    pub(super) fn optional(&mut self, name: &str, value: Option<impl Serialize>) -> &mut Object<'a> {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Appends a list of objects, each of which `write` fills.
    pub(super) fn list<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(T, &mut Object<'_>),
    ) -> &mut Object<'a> {
        self.begin(name).push(b'[');
        for (number, item) in items.into_iter().enumerate() {
            if number > 0 {
                self.out.push(b',');
            }
            let mut object = Object::open(self.out);
            write(item, &mut object);
            object.out.push(b'}');
        }
        self.out.push(b']');
        self
    }

    /// Appends an object within this one.
    pub(super) fn object(&mut self, name: &str, write: impl FnOnce(&mut Object<'_>)) -> &mut Object<'a> {
        let mut object = Object::open(self.begin(name));
        write(&mut object);
        object.out.push(b'}');
        self
    }

    /// Closes the object and ends its line.
    pub(super) fn close(self) {
        self.out.extend_from_slice(b"}\n");
    }

    fn begin(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        serde_json::to_writer(&mut *self.out, name).expect(TAKES);
        self.out.push(b':');
        self.out
    }
}
