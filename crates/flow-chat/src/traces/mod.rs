//! Where the time of each message goes: [`Traces`], for a collector that speaks OpenTelemetry's protocol.

mod client;
mod endpoint;

use std::{fmt, time::Duration};

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider, Tracer},
};
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::{
    Layer,
    filter::{Filtered, Targets},
    registry::LookupSpan,
};

use client::Client;
pub use endpoint::BadEndpoint;
use endpoint::Endpoint;

/// Whether this is an address of a collector.
#[cfg(feature = "service")]
pub(crate) fn is_collector(text: &str) -> bool {
    text.parse::<Endpoint>().is_ok()
}

/// How long the collector has to take what it is given.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends the spans of a bot to a collector, over HTTP and as protobuf.
///
/// One trace is one message: the request that brought it, its turn, each call to the store, and each reply as its channel sends it. It
/// has the names of states and channels, and ids of sessions, and nothing that a visitor said. What a later process sends, after the
/// one that took the message has died, is a trace of its own; and a reply that had to wait for the one before it is sent in that
/// one's trace.
///
/// ```no_run
/// use flow_chat::traces::Traces;
/// use tracing_subscriber::{layer::SubscriberExt as _, util::SubscriberInitExt as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let traces = Traces::to("http://127.0.0.1:4318", "salon")?;
/// tracing_subscriber::registry().with(traces.layer()).with(tracing_subscriber::fmt::layer()).init();
/// // … the bot …
/// traces.end().await;
/// # Ok(())
/// # }
/// ```
///
/// The collector is spoken to in the clear: it stands beside the bot, as agents do, and speaks encrypted to what is far away. What it
/// does not take is given up: a bot never waits for it. The `OTEL_BSP_…` variables bound what waits to be sent.
#[derive(Clone)]
pub struct Traces {
    provider: SdkTracerProvider,
}

/// The layer of a subscriber that makes spans into traces.
pub type TracesLayer<S> = Filtered<OpenTelemetryLayer<S, Tracer>, Targets, S>;

impl Traces {
    /// To the collector at this address, such as `http://127.0.0.1:4318`, as the service of this name. Called in a runtime of tokio,
    /// which sends.
    ///
    /// Fails if that is no such address.
    pub fn to(collector: &str, service: &str) -> Result<Self, BadEndpoint> {
        Self::of_each(collector, service, 1.0)
    }

    /// The same, of this share of all messages, from 0 to 1.
    pub fn of_each(collector: &str, service: &str, share: f64) -> Result<Self, BadEndpoint> {
        let endpoint: Endpoint = collector.parse()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint.traces())
            .with_timeout(PATIENCE)
            .with_http_client(Client::new(endpoint, PATIENCE))
            .build()
            .map_err(|_| BadEndpoint)?;
        let resource = Resource::builder().with_attribute(KeyValue::new("service.name", service.to_owned())).build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share.clamp(0.0, 1.0))));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(sampler)
            .build();
        Ok(Self { provider })
    }

    /// What a subscriber is given. It sees spans from `INFO` on, and those of this framework from `DEBUG` on.
    pub fn layer<S>(&self) -> TracesLayer<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let layer = tracing_opentelemetry::layer().with_tracer(self.provider.tracer("flow"));
        layer.with_filter(Targets::new().with_default(LevelFilter::INFO).with_target("flow_", LevelFilter::DEBUG))
    }

    /// Sends what is not sent yet, and sends no more.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(PATIENCE)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last spans were not sent");
        }
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}
