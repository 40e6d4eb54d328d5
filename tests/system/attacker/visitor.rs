//! Somebody who talks to the shop: [`Visitor`].

use flow_core::{Engine, EngineError, Message, Outcome, SessionId};

use super::shop::Shop;

/// A visitor, who may talk to any machine of the deployment.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) id: SessionId,
    pub(crate) name: String,
}

impl Visitor {
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self { id: SessionId::random(), name: name.into() }
    }

    /// As many visitors, `Visitor 0` and so on.
    pub(crate) fn several(count: usize) -> Vec<Self> {
        (0..count).map(|number| Self::named(format!("Visitor {number}"))).collect()
    }

    /// Comes in and says the name.
    pub(crate) async fn enters(&self, engine: &Engine<Shop>) {
        self.says(engine, "hi").await;
        let greeted = self.says(engine, &*self.name).await;
        assert_eq!(greeted.texts(), [format!("Good day, {}. What may it be?", self.name)]);
    }

    /// Comes in, and is served.
    pub(crate) async fn entered(name: impl Into<String>, engine: &Engine<Shop>) -> Self {
        let visitor = Self::named(name);
        visitor.enters(engine).await;
        visitor
    }

    pub(crate) async fn says(&self, engine: &Engine<Shop>, message: impl Into<Message>) -> Outcome<Shop> {
        self.tries(engine, message).await.unwrap_or_else(|error| panic!("{}: {error:?}", self.name))
    }

    /// Says it, and may be refused.
    pub(crate) async fn tries(
        &self,
        engine: &Engine<Shop>,
        message: impl Into<Message>,
    ) -> Result<Outcome<Shop>, EngineError> {
        engine.handle(self.id, message).await
    }
}
