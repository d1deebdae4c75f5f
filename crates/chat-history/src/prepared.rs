//! Queries in SQL that both engines read, prepared once a connection, which Diesel's own `sql_query` is not.

/// A query: its values, its row, and its text, in which each `(value: Type)` stands where the value is bound.
macro_rules! prepared {
    (
        $(#[$doc:meta])*
        $name:ident { $($value:ident: $rust:ty),* } -> $row:ty,
        $($sql:literal $(($bind:ident: $type:ty))?)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, diesel::query_builder::QueryId)]
        struct $name {
            $($value: $rust,)*
        }

        impl diesel::query_builder::Query for $name {
            type SqlType = $row;
        }

        impl<C: diesel::Connection> diesel::RunQueryDsl<C> for $name {}

        impl<DB: diesel::backend::Backend> diesel::query_builder::QueryFragment<DB> for $name
        where
            i64: diesel::serialize::ToSql<diesel::sql_types::BigInt, DB>,
            String: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
            DB: diesel::sql_types::HasSqlType<diesel::sql_types::BigInt>
                + diesel::sql_types::HasSqlType<diesel::sql_types::Text>,
        {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, DB>,
            ) -> diesel::QueryResult<()> {
                $(
                    out.push_sql($sql);
                    $(out.push_bind_param::<$type, _>(&self.$bind)?;)?
                )*
                Ok(())
            }
        }
    };
}

pub(crate) use prepared;
