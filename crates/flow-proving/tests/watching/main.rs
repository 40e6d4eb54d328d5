//! What Prometheus makes of what a bot tells. The room is named in `check`, so that it is left out where there is no Prometheus.

mod prometheus;
