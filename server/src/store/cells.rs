//! Cells and rows: the typed shape in which every noun crosses the store's border. Knows no SQL
//! dialect; `sql` turns a row's columns into statements, `memory` keeps the cells as they are.

/// One value of a column, in the few types that SQLite and PostgreSQL share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// BIGINT; instants are UTC milliseconds.
    Int(Option<i64>),
    /// TEXT; JSON documents are text.
    Text(Option<String>),
    /// BLOB or BYTEA.
    Bytes(Option<Vec<u8>>),
    /// BOOLEAN.
    Flag(bool),
}

/// The type of a column, for reading it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Cell::Int`].
    Int,
    /// [`Cell::Text`].
    Text,
    /// [`Cell::Bytes`].
    Bytes,
    /// [`Cell::Flag`].
    Flag,
}

/// A Rust type that can be a column.
pub trait Column: Sized {
    /// Its cell type.
    const KIND: Kind;
    /// The value as a cell.
    fn cell(&self) -> Cell;
    /// The value from a cell; `None` when the cell does not fit.
    fn from_cell(cell: Cell) -> Option<Self>;
}

macro_rules! column {
    ($ty:ty, $cell:ident, $kind:ident, optional) => {
        impl Column for $ty {
            const KIND: Kind = Kind::$kind;
            fn cell(&self) -> Cell {
                Cell::$cell(Some(self.clone()))
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                match cell {
                    Cell::$cell(value) => value,
                    _ => None,
                }
            }
        }
        impl Column for Option<$ty> {
            const KIND: Kind = Kind::$kind;
            fn cell(&self) -> Cell {
                Cell::$cell(self.clone())
            }
            fn from_cell(cell: Cell) -> Option<Self> {
                match cell {
                    Cell::$cell(value) => Some(value),
                    _ => None,
                }
            }
        }
    };
}
column!(i64, Int, Int, optional);
column!(String, Text, Text, optional);
column!(Vec<u8>, Bytes, Bytes, optional);

impl Column for bool {
    const KIND: Kind = Kind::Flag;
    fn cell(&self) -> Cell {
        Cell::Flag(*self)
    }
    fn from_cell(cell: Cell) -> Option<Self> {
        match cell {
            Cell::Flag(value) => Some(value),
            _ => None,
        }
    }
}

/// A row of one table.
pub trait TableRow: Sized + Send + Sync {
    /// Table name, the same in both databases.
    const TABLE: &'static str;
    /// Column names in the order of the struct's fields.
    const COLUMNS: &'static [&'static str];
    /// Column types in the same order.
    const KINDS: &'static [Kind];
    /// How many leading columns form the primary key.
    const KEY: usize;
    /// The row as cells.
    fn cells(&self) -> Vec<Cell>;
    /// The row from cells; `Err` names the column that does not fit.
    fn from_cells(cells: Vec<Cell>) -> Result<Self, &'static str>;
}

/// Declares row structs and the enum of all of them.
macro_rules! rows {
    ($( $(#[$doc:meta])* $name:ident as $variant:ident in $table:literal key $key:literal { $( $(#[$fdoc:meta])* $field:ident : $ty:ty, )+ } )+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq)]
            #[expect(missing_docs, reason = "columns are described once, in the migrations")]
            pub struct $name { $( $(#[$fdoc])* pub $field: $ty, )+ }

            impl TableRow for $name {
                const TABLE: &'static str = $table;
                const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
                const KINDS: &'static [Kind] = &[$(<$ty as Column>::KIND),+];
                const KEY: usize = $key;
                fn cells(&self) -> Vec<Cell> {
                    vec![$(self.$field.cell()),+]
                }
                fn from_cells(cells: Vec<Cell>) -> Result<Self, &'static str> {
                    let mut cells = cells.into_iter();
                    Ok(Self { $( $field: cells.next().and_then(<$ty as Column>::from_cell).ok_or(stringify!($field))?, )+ })
                }
            }

            impl From<$name> for Row {
                fn from(row: $name) -> Self {
                    Self::$variant(row)
                }
            }
        )+

        /// A row of any table.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant is the row struct it carries")]
        pub enum Row { $( $variant($name), )+ }

        impl Row {
            /// Every table, in the order in which a transaction writes them.
            pub const TABLES: &'static [(&'static str, &'static [&'static str], &'static [Kind], usize)] =
                &[$(($name::TABLE, $name::COLUMNS, $name::KINDS, $name::KEY)),+];

            /// Index into [`Row::TABLES`].
            #[must_use]
            pub fn table_index(&self) -> usize {
                let name = match self { $( Self::$variant(_) => $name::TABLE, )+ };
                Self::TABLES.iter().position(|table| table.0 == name).unwrap_or(0)
            }

            /// The row as cells.
            #[must_use]
            pub fn cells(&self) -> Vec<Cell> {
                match self { $( Self::$variant(row) => row.cells(), )+ }
            }
        }
    };
}
pub(super) use rows;
