//! The log: `env_logger` on standard error, with the filter of the setting `log`.

use std::io::Write as _;

use log::LevelFilter;

use crate::settings::Loaded;

/// Starts the log, once in a process, and tells it what was noted before it existed. A second call changes
/// nothing.
pub fn start(loaded: &Loaded) {
    // The filter was parsed when the settings were checked.
    let mut builder = env_logger::Builder::new();
    // What it says at each turn of the connection, we say ourselves.
    builder.filter_module("async_nats", LevelFilter::Error);
    let started = builder.parse_filters(&loaded.settings.log).try_init();
    if started.is_err() {
        return;
    }
    for note in &loaded.notes {
        log::info!("{note}");
    }
}

/// Prints lines to standard error, one each, for what goes wrong before there is a log. An error in writing
/// them is nobody's to hear.
pub fn complain(lines: impl IntoIterator<Item = String>) {
    let mut out = std::io::stderr().lock();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
}

/// Prints what a command was asked for to standard output. Who reads it may have gone, as `head` does; then the
/// rest is not wanted.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
