//! The plans of queries: whether each finds its rows by an index.

use std::sync::{Arc, Mutex, PoisonError};

use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};
use diesel::{PgConnection, SqliteConnection, sql_query};

use crate::must;

/// The queries that a SQLite connection runs from now on.
#[derive(Clone, Default)]
pub struct Queries(Arc<Mutex<Vec<String>>>);

impl Queries {
    /// Begins to note them.
    #[must_use]
    pub fn of(connection: &mut SqliteConnection) -> Queries {
        let queries = Queries::default();
        let seen = queries.clone();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                seen.0.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
            }
        });
        queries
    }

    /// Ends that, and looks at the plans of all; returns how many there are.
    ///
    /// # Panics
    /// When one looks through a whole table; the message says which.
    pub fn assert_indexed(&self, connection: &mut SqliteConnection) -> usize {
        #[derive(QueryableByName)]
        struct Step {
            #[diesel(sql_type = Text)]
            detail: String,
        }

        let queries = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for query in &queries {
            let query = query.split(" -- binds").next().unwrap_or_default();
            let plan: Vec<Step> = must(sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(connection));
            // What another query has made, and a constant row, are no tables.
            let made = |step: &Step| {
                ["MATERIALIZE ", "CO-ROUTINE "]
                    .iter()
                    .find_map(|word| step.detail.strip_prefix(word).map(|name| format!("SCAN {name}")))
            };
            let made: Vec<String> = plan.iter().filter_map(made).collect();
            // An index of words that is asked for some: behind the colon stands what for.
            let asked = |step: &str| {
                step.split_once("VIRTUAL TABLE INDEX ").is_some_and(|(_, how)| !how.ends_with(':'))
            };
            for Step { detail } in plan {
                let scan = detail.starts_with("SCAN") && detail != "SCAN CONSTANT ROW" && !asked(&detail);
                assert!(!scan || made.contains(&detail), "{query}: {detail}");
            }
        }
        queries.len()
    }
}

/// Looks at the plans of all queries that a PostgreSQL connection has prepared; returns how many there are. Indexes
/// that `whole` names may be read whole.
///
/// The connection must have scans of whole tables switched off, as those of the project have: in a table of three
/// rows they are the best plan, and so only what cannot be read otherwise shows.
///
/// # Panics
/// When one looks through a whole table or index; the message says which.
pub fn assert_indexed(connection: &mut PgConnection, whole: &[&str]) -> usize {
    #[derive(QueryableByName)]
    struct Prepared {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        statement: String,
        #[diesel(sql_type = Integer)]
        parameters: i32,
    }

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        #[diesel(column_name = "QUERY PLAN")]
        line: String,
    }

    let all = "SELECT name, statement, coalesce(array_length(parameter_types, 1), 0) AS parameters
                   FROM pg_prepared_statements WHERE statement ~ '^(SELECT|INSERT|UPDATE|DELETE)'";
    let prepared: Vec<Prepared> = must(sql_query(all).load(connection));
    for Prepared { name, statement, parameters } in &prepared {
        let nulls = vec!["NULL"; usize::try_from(*parameters).unwrap_or(0)].join(", ");
        let parameters = if nulls.is_empty() { nulls } else { format!("({nulls})") };
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE \"{name}\" {parameters}");
        let plan: Vec<Step> = must(sql_query(explain).load(connection));
        let count = |what: &str| plan.iter().filter(|step| step.line.contains(what)).count();
        let told = || plan.iter().map(|step| step.line.as_str()).collect::<Vec<_>>().join("\n");
        assert_eq!(count("Seq Scan"), 0, "{statement}\n{}", told());
        let whole: usize = whole.iter().map(|index| count(&format!("on {index}"))).sum();
        let indexes = count("Index Scan") + count("Index Only Scan") - whole;
        assert_eq!(indexes, count("Index Cond"), "{statement}\n{}", told());
    }
    prepared.len()
}
