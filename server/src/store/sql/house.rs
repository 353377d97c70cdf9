//! The house as a whole: which keys its rows name, which database it stands on and how large that is.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Db, SqlStore};
use crate::store::cells::{Cell, Kind};
use crate::store::ports::{HouseStore, Stored};

/// Tables whose rows name the key that sealed them.
const SEALED: [&str; 2] = ["persons", "submissions"];

/// The few keys of a table of many rows, from one to the next by its index.
fn keys_of(table: &str) -> String {
    format!(
        "WITH RECURSIVE named(id) AS (SELECT MIN(key_id) FROM {table} UNION ALL \
         SELECT (SELECT MIN(key_id) FROM {table} WHERE key_id > named.id) FROM named WHERE named.id IS NOT NULL) \
         SELECT id FROM named WHERE id IS NOT NULL"
    )
}

#[async_trait]
impl HouseStore for SqlStore {
    async fn sealed_key_ids(&self) -> Stored<Vec<String>> {
        let mut ids = BTreeSet::new();
        for table in SEALED {
            let rows = self.read(keys_of(table), Vec::new(), &[Kind::Text]).await?;
            ids.extend(rows.into_iter().flatten().filter_map(|cell| if let Cell::Text(id) = cell { id } else { None }));
        }
        Ok(ids.into_iter().collect())
    }

    fn kind(&self) -> &'static str {
        match self.db {
            Db::Sqlite(_) => "sqlite",
            Db::Postgres(_) => "postgresql",
        }
    }

    async fn size_bytes(&self) -> Stored<Option<i64>> {
        let sql = match self.db {
            Db::Sqlite(_) => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            Db::Postgres(_) => "SELECT pg_database_size(current_database())",
        };
        let rows = self.read(sql.to_owned(), Vec::new(), &[Kind::Int]).await?;
        Ok(rows.into_iter().flatten().find_map(|cell| if let Cell::Int(bytes) = cell { bytes } else { None }))
    }
}
