//! Settings in a file.

use std::{fs, io, path::Path};

use crate::service::{
    file::Lines,
    mistake::{Fault, Mistake},
    origin::Origin,
};

use super::Reading;

/// The largest file of settings; beyond it, it is none.
const LARGEST: u64 = 1 << 20;

impl Reading<'_> {
    pub(super) fn take_file(&mut self, path: &Path) {
        let text = match text_of(path) {
            Ok(text) => text,
            Err(fault) => return self.mistakes.push(Mistake::at(Origin::File(path.to_owned()), fault)),
        };
        let Lines { settings, faults, .. } = Lines::read(&text);
        let line = |number| Origin::Line(path.to_owned(), number);
        self.mistakes.extend(faults.into_iter().map(|(number, fault)| Mistake::at(line(number), fault)));
        for setting in &settings {
            if let Some(other) = settings.iter().find(|other| setting.name.strip_suffix("_file") == Some(&other.name)) {
                let fault = Fault::plain(format_args!("`{}` is set as well", other.name));
                self.mistakes.push(Mistake::about(&setting.name, line(setting.number), fault));
            }
        }
        for setting in settings {
            self.take(&setting.name, setting.value, line(setting.number));
        }
    }
}

fn text_of(path: &Path) -> Result<String, Fault> {
    let read = fs::metadata(path).and_then(|file| {
        if file.len() > LARGEST { Err(io::Error::from(io::ErrorKind::FileTooLarge)) } else { fs::read(path) }
    });
    let bytes = read.map_err(|error| Fault::plain(format_args!("the file cannot be read: {}", error.kind())))?;
    String::from_utf8(bytes).map_err(|_| Fault::plain("the file is no UTF-8 text"))
}
