//! flow-memory
