//! Tables in Markdown, and the numbers in them.

use std::time::Duration;

/// Prints rows below a head, as Markdown.
pub fn print(head: &[&str], rows: &[Vec<String>]) {
    let line = |cells: &[String]| println!("| {} |", cells.join(" | "));
    println!();
    line(&head.iter().map(|&cell| cell.to_owned()).collect::<Vec<_>>());
    println!("|{}", " --- |".repeat(head.len()));
    rows.iter().for_each(|row| line(row));
    println!();
}

/// The value below which this part of them lies.
pub fn quantile(sorted: &[Duration], part: f64) -> Duration {
    let index = (sorted.len() as f64 * part) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

pub fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

/// A number with thousands set apart.
pub fn count(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
