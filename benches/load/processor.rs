//! What processors did for a process: [`of_process`].

use std::{fs, time::Duration};

/// The time that processors had for this process.
pub fn of_process(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name, which may have spaces: the state is the third field, and user and system time are the 14th and 15th.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks: u64 = fields.split(' ').skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second to whoever asks there.
    Duration::from_millis(ticks * 10)
}
