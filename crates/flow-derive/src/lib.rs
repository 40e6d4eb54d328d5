//! The derive macros of the framework.
