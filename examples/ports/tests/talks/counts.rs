//! The README's table, held to what stands in the files.
