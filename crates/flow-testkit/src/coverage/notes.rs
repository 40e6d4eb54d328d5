//! Where processes write down which edges they take: [`Notes`].

use std::{
    collections::BTreeSet,
    env,
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};

use flow_core::graph::Graph;

use super::edge::Declared;

/// The environment variable that names the folder. Where it is not set, nothing is written down.
pub(super) const VARIABLE: &str = "TESTKIT_EDGES";

/// One line for each edge, of every flow; a line stands there once for each process.
const FILE: &str = "edges.txt";

/// The folder of this process, and what it has written there.
static OF_THIS_PROCESS: LazyLock<Option<Mutex<Notes>>> = LazyLock::new(|| {
    let folder = env::var_os(VARIABLE).filter(|folder| !folder.is_empty())?;
    Some(Mutex::new(Notes { folder: folder.into(), written: BTreeSet::new() }))
});

/// What one process has written down in a folder.
pub(super) struct Notes {
    folder: PathBuf,
    written: BTreeSet<String>,
}

impl Notes {
    /// Writes these down if there is a folder, each once.
    pub(super) fn write(graph: &Graph, edges: impl Iterator<Item = Declared>) -> io::Result<()> {
        let Some(notes) = &*OF_THIS_PROCESS else { return Ok(()) };
        // A panic under this lock leaves an edge out of the set at most, which is then written twice.
        let mut notes = notes.lock().unwrap_or_else(PoisonError::into_inner);
        edges.map(|edge| line(graph, &edge)).try_for_each(|line| notes.add(line))
    }

    /// What was written down in this folder, by whichever processes.
    ///
    /// Fails if none has written there.
    pub(super) fn read(folder: &Path) -> io::Result<BTreeSet<String>> {
        let text = fs::read_to_string(folder.join(FILE)).map_err(|error| {
            let advice = format!(
                "no edges were written down in {}: {error}; the tests are run first, with {VARIABLE} set to this folder as an \
                 absolute path",
                folder.display()
            );
            io::Error::new(error.kind(), advice)
        })?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    fn add(&mut self, line: String) -> io::Result<()> {
        if !self.written.contains(&line) {
            fs::create_dir_all(&self.folder)?;
            // One write of one line, at the end of the file: other processes do the same.
            let mut file = File::options().create(true).append(true).open(self.folder.join(FILE))?;
            file.write_all(format!("{line}\n").as_bytes())?;
            self.written.insert(line);
        }
        Ok(())
    }
}

/// An edge as it is written down.
pub(super) fn line(graph: &Graph, edge: &Declared) -> String {
    format!("{}: {edge}", graph.name)
}
