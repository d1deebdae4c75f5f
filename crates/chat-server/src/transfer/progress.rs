//! How far it is: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How often a line is written where there is no terminal.
const EVERY: Duration = Duration::from_secs(10);

/// What is done of a whole.
pub struct Progress {
    bar: ProgressBar,
    what: &'static str,
    /// When a line is due, where there is no terminal.
    due: Option<Instant>,
}

impl Progress {
    /// Begins with nothing of `whole`, which is about how much there is; none when nobody knows.
    pub fn new(what: &'static str, whole: Option<u64>) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        let (bar, template) = match whole {
            Some(whole) => (ProgressBar::new(whole), "{msg} {wide_bar} {percent:>3} % {eta:>4} left"),
            None => (ProgressBar::no_length(), "{msg} {spinner} {human_pos} {elapsed}"),
        };
        if !terminal {
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what);
        Progress { bar, what, due: (!terminal).then(|| Instant::now() + EVERY) }
    }

    /// So much is done.
    pub fn at(&mut self, done: u64) {
        self.bar.set_position(done);
        if let Some(due) = self.due
            && Instant::now() >= due
        {
            self.due = Some(due + EVERY);
            match self.bar.length() {
                Some(whole) if whole > 0 => {
                    log::info!("{}: {} %", self.what, (done.saturating_mul(100) / whole).min(100));
                }
                _ => log::info!("{}: {done}", self.what),
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
