//! The value of a setting that counts, and where it was written: [`Entry`].

use std::path::Path;

use super::{Key, Origin, mistake::Fault, parts::Parts, reading::content, written::Written};

/// The value of a setting that counts, and where it was written.
///
/// It has no `Debug`: it may be a secret.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) written: Written,
    pub(super) origin: Origin,
    /// Whether the value stands in the file whose path is written.
    pub(super) names_file: bool,
}

impl Entry {
    /// Reads the value, and puts it where it counts.
    pub(super) fn read(&self, key: &Key, parts: &mut Parts) -> Result<(), Fault> {
        if self.written.is_empty() {
            return Err(Fault::new("nothing", format_args!("it is {}", key.takes())));
        }
        if !self.names_file {
            return key.reading().read(key.name(), &self.written, parts);
        }
        let path = self.written.text().ok_or_else(|| Fault::new("a list", "it is the path of a file"))?;
        let text = String::from_utf8(content(Path::new(&path))?);
        let text = text.map_err(|_| Fault::plain("the file that it names is no UTF-8 text"))?;
        // Most of what writes such a file ends its line.
        let text = text.strip_suffix('\n').map_or(&*text, |text| text.strip_suffix('\r').unwrap_or(text));
        if text.is_empty() {
            return Err(Fault::plain("the file that it names is empty"));
        }
        key.reading().read(key.name(), &Written::Text(text.to_owned()), parts)
    }
}
