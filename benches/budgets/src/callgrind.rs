//! Runs this program under callgrind, and reads what was counted.

use std::{collections::HashMap, env, error::Error, fs, process::Command};

use crate::table::Counts;

/// What brings memory from the heap: glibc's functions.
const ALLOCATES: [&str; 6] = ["malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"];

/// How many times an operation is done in the shorter of two runs; in the longer one it is twice as many.
const TIMES: u64 = 100;

/// What callgrind has counted in one run. Calls are counted outside of the section, too: they tell something by a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    instructions: u64,
    allocations: u64,
}

/// What an operation costs, for one time: the instructions of the longer run, the allocations that it has more.
pub fn count(operation: &str) -> Result<Counts, Box<dyn Error>> {
    let (short, long) = (run(operation, TIMES)?, run(operation, 2 * TIMES)?);
    if short.instructions == 0 {
        return Err("nothing was counted: the program was built without the names of its functions".into());
    }
    Ok(between(short, long))
}

fn between(short: Run, long: Run) -> Counts {
    let tenths = long.allocations.saturating_sub(short.allocations) * 10 / TIMES;
    Counts {
        instructions: long.instructions / (2 * TIMES),
        allocations: f64::from(u32::try_from(tenths).unwrap_or(u32::MAX)) / 10.0,
    }
}

fn run(operation: &str, times: u64) -> Result<Run, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_section*", "--separate-threads=yes"])
        .arg(format!("--callgrind-out-file={}", folder.path().join("counted").display()))
        .arg(env::current_exe()?)
        .args(["perform", operation, &times.to_string()])
        // Functions of libraries are found before anything is counted.
        .env("LD_BIND_NOW", "1")
        .output()
        .map_err(|error| format!("valgrind cannot be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("{operation} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    // The thread that the program began with; a store may have others, which wait for a disk.
    let written = fs::read_to_string(folder.path().join("counted-01"))?;
    Ok(read(&written).ok_or("callgrind wrote no totals")?)
}

fn read(written: &str) -> Option<Run> {
    let (mut names, mut called, mut instructions, mut allocations) = (HashMap::new(), "", None, 0);
    for line in written.lines() {
        if let Some(function) = line.strip_prefix("cfn=").or_else(|| line.strip_prefix("fn=")) {
            // The first time a function is told with its name, afterwards by its number alone.
            let (number, name) = function.split_once(' ').unwrap_or((function, ""));
            if !name.is_empty() {
                names.insert(number, name);
            }
            called = names.get(number).copied().unwrap_or_default();
        } else if let Some(calls) = line.strip_prefix("calls=") {
            if ALLOCATES.contains(&called) {
                allocations += calls.split(' ').next()?.parse::<u64>().ok()?;
            }
        } else if let Some(totals) = line.strip_prefix("totals: ") {
            instructions = Some(totals.trim().parse().ok()?);
        }
    }
    Some(Run { instructions: instructions?, allocations })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_and_allocations_are_read() {
        let written = "\
fn=(1) counted_section
0 500
cfn=(2) malloc
calls=300 0
0 4000
cfn=(3) malloc_consolidate
calls=7 0
0 70
fn=(4) grow
cfn=(2)
calls=50 0
0 900
cfn=(5) realloc
calls=20 0
0 90
totals: 123456
";
        assert_eq!(read(written), Some(Run { instructions: 123_456, allocations: 370 }));
    }

    #[test]
    fn an_operation_costs_its_share_of_the_longer_run() {
        let short = Run { instructions: 123_956, allocations: 370 };
        let long = Run { instructions: 246_900, allocations: 715 };
        assert_eq!(between(short, long), Counts { instructions: 1_234, allocations: 3.4 });
    }

    #[test]
    fn without_totals_nothing_is_read() {
        assert_eq!(read("fn=(1) main\n0 5\n"), None);
    }
}
