//! Settings in a file.

use std::{collections::BTreeSet, io, path::Path};

use crate::service::{
    file::Lines,
    mistake::{Fault, Mistake},
    origin::Origin,
    reading::{read_file, why},
};

use super::Reading;

impl Reading<'_> {
    pub(super) fn take_file(&mut self, path: &Path) {
        let text = match text_of(path) {
            Ok(text) => text,
            Err(fault) => return self.mistakes.push(Mistake::at(Origin::File(path.to_owned()), fault)),
        };
        let Lines { settings, faults, .. } = Lines::read(&text);
        let line = |number| Origin::Line(path.to_owned(), number);
        self.mistakes.extend(faults.into_iter().map(|(number, fault)| Mistake::at(line(number), fault)));
        let names: BTreeSet<_> = settings.iter().map(|setting| setting.name.clone()).collect();
        for setting in settings {
            let origin = line(setting.number);
            match setting.name.strip_suffix("_file").filter(|name| names.contains(*name)) {
                Some(other) => {
                    let fault = Fault::plain(format_args!("`{other}` is set as well"));
                    self.mistakes.push(Mistake::about(&setting.name, origin, fault));
                }
                None => self.take(&setting.name, setting.value, origin),
            }
        }
    }
}

fn text_of(path: &Path) -> Result<String, Fault> {
    let read = read_file(path).and_then(|content| content.ok_or(io::ErrorKind::FileTooLarge.into()));
    let bytes = read.map_err(|error| Fault::plain(format_args!("the file cannot be read: {}", why(&error))))?;
    String::from_utf8(bytes).map_err(|_| Fault::plain("the file is no UTF-8 text"))
}
