//! The clock of a machine of its own, for a program: [`Clock`].

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// A clock that differs from ours, and may be set while a program runs by it. What passes, passes as it does here.
///
/// A library is loaded into the program, which is compiled here: `libfaketime`, which would do the same, does not get on with the
/// allocator of Redis. A compiler is there, because Rust has its programs linked by it.
pub(super) struct Clock {
    file: File,
    path: PathBuf,
    library: PathBuf,
}

impl Clock {
    /// A clock that shows our time.
    ///
    /// Panics if there is no C compiler.
    pub(super) fn in_folder(folder: &Path) -> Self {
        let (source, library, path) = (folder.join("clock.c"), folder.join("clock.so"), folder.join("clock"));
        fs::write(&source, include_str!("clock.c")).expect("a file in the server's folder");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O2", "-o"]).args([&library, &source]);
        let output = compiler.output().expect("`cc`, by which Rust links: `apt-get install gcc libc6-dev` brings it");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(&path, 0_i64.to_ne_bytes()).expect("a file in the server's folder");
        let file = File::options().write(true).open(&path).expect("it was made");
        Self { file, path, library }
    }

    /// Sets it so many seconds ahead of ours.
    pub(super) fn set_ahead_by(&self, seconds: i64) {
        self.file.write_all_at(&seconds.to_ne_bytes(), 0).expect("a file in the server's folder");
    }

    /// What `env` is to tell a program that goes by this clock.
    pub(super) fn variables(&self) -> [String; 2] {
        [format!("LD_PRELOAD={}", self.library.display()), format!("FLOW_CLOCK={}", self.path.display())]
    }
}
