//! A declaration as a plain value, and the places of its tokens: [`Declaration`].

/// A flow, right or wrong. Names are as they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Declaration {
    /// Whether the enum's attribute has a word that does not exist.
    pub(super) is_faulty: bool,
    pub(super) words: Vec<Word>,
    pub(super) effects: Vec<Carried>,
    pub(super) states: Vec<State>,
}

/// An entry of `anywhere(…)`.
#[derive(Clone, Debug)]
pub(super) enum Word {
    To(&'static str, Target),
    Back,
    Help,
}

/// A state, as it is named elsewhere: `Done`, or `Chat::Done`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) path: Option<&'static str>,
    pub(super) name: &'static str,
}

impl From<&'static str> for Target {
    fn from(name: &'static str) -> Self {
        Self { path: None, name }
    }
}

#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) name: &'static str,
    /// The name and the type of each.
    pub(super) fields: Vec<(&'static str, &'static str)>,
    /// The items of its attribute, each word once, save `after` and `remind`.
    pub(super) items: Vec<Item>,
}

/// An entry of `choices(…)`, with its label and further words.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) words: Vec<&'static str>,
}

/// An entry of `signals(…)` or `effects(…)`: its name, what it carries, and its name in records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carried {
    pub(super) name: &'static str,
    pub(super) kind: Option<&'static str>,
    pub(super) stored: Option<&'static str>,
}

/// An item of `#[state(…)]`.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A word alone, as `start`; also one that does not exist.
    Plain(&'static str),
    /// A word with a type, as `answer = u8`.
    Of(&'static str, &'static str),
    Choices(Vec<Choice>),
    Signals(Vec<Carried>),
    /// With or without a time and a name in records.
    Remind(Option<&'static str>, &'static str, Option<&'static str>),
    Ask(&'static str),
    Say(&'static str),
    To(Vec<Target>),
    After(&'static str, Target),
    Tries(&'static str, Target),
    Alias(Vec<&'static str>),
    Without(Vec<&'static str>),
}

/// A token to which a mistake is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Place {
    Enum,
    /// In the enum's attribute, the word that does not exist.
    Faulty,
    /// The word of this entry, and where it leads.
    Word(usize),
    WordTarget(usize),
    /// What stands before the name of the state to which it leads.
    WordPath(usize),
    Effect(usize),
    State(usize),
    /// In this state and item, the word itself, or one of what follows it.
    Item(usize, usize),
    Value(usize, usize, usize),
    /// What stands before a state's name, in the same order.
    Path(usize, usize, usize),
    /// Of this state, item and choice, one of the words.
    ChoiceWord(usize, usize, usize, usize),
}

impl Declaration {
    /// Of which word the token is a part.
    pub(super) fn word_at(&self, place: Place) -> &'static str {
        match place {
            Place::Enum => "the enum",
            Place::Faulty | Place::Word(_) | Place::WordTarget(_) | Place::WordPath(_) => "anywhere",
            Place::Effect(_) => "effects",
            Place::State(_) => "a state",
            Place::ChoiceWord(..) => "a choice's words",
            Place::Item(state, item) | Place::Value(state, item, _) | Place::Path(state, item, _) => {
                self.states[state].items[item].word()
            }
        }
    }
}

impl Item {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Plain(word) | Self::Of(word, _) => word,
            Self::Choices(_) => "choices",
            Self::Signals(_) => "signals",
            Self::Remind(..) => "remind",
            Self::Ask(_) => "ask",
            Self::Say(_) => "say",
            Self::To(_) => "to",
            Self::After(..) => "after",
            Self::Tries(..) => "tries",
            Self::Alias(_) => "alias",
            Self::Without(_) => "without",
        }
    }
}

impl Word {
    pub(super) fn text(&self) -> &'static str {
        match self {
            Self::To(word, _) => word,
            Self::Back => "back",
            Self::Help => "help",
        }
    }
}
