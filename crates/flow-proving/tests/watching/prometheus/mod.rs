//! A bot on a port, gathered from as Prometheus gathers: what it tells, the alerts, the dashboard, and the guide beside them.

mod alerts;
mod bot;
mod dashboard;
mod gathering;
mod guide;
mod queries;
mod rules;
mod scrape;
mod telling;
mod watch;
