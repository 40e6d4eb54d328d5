//! A declaration as a plain value, and the places of its tokens: [`Declaration`].

/// A flow, right or wrong. Names are as they are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Declaration {
    /// Whether the enum's attribute has a word that does not exist.
    pub(super) is_faulty: bool,
    pub(super) words: Vec<Word>,
    pub(super) effects: Vec<Carried>,
    /// What the flow lets correct.
    pub(super) corrects: Vec<Correct>,
    pub(super) opens: Vec<Link>,
    pub(super) states: Vec<State>,
}

/// An entry of `anywhere(…)`.
#[derive(Clone, Debug)]
pub(super) enum Word {
    To(&'static str, Target),
    Aside(&'static str, Target),
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

/// An entry of `corrects(…)`: `name("Change"…) = Ask => (size, …)`.
#[derive(Clone, Debug)]
pub(super) struct Correct {
    pub(super) field: &'static str,
    pub(super) words: Vec<&'static str>,
    pub(super) asked_in: Option<Target>,
    pub(super) dependents: Vec<&'static str>,
}

impl From<&'static str> for Correct {
    fn from(field: &'static str) -> Self {
        Self { field, words: Vec::new(), asked_in: None, dependents: Vec::new() }
    }
}

/// An entry of `opens(…)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) payload: &'static str,
    pub(super) target: Target,
}

/// An item of `#[state(…)]`.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A word alone, as `start`; also one that does not exist.
    Plain(&'static str),
    /// A word with a type, as `answer = u8`.
    Of(&'static str, &'static str),
    Choices(Vec<Choice>),
    Corrects(Vec<Correct>),
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
    /// The word `aside` before this entry.
    Aside(usize),
    Effect(usize),
    /// What a link names, where it leads, and what stands before the name of that state.
    Link(usize),
    LinkTarget(usize),
    LinkPath(usize),
    State(usize),
    /// In this state and item, the word itself, or one of what follows it.
    Item(usize, usize),
    Value(usize, usize, usize),
    /// What stands before a state's name, in the same order.
    Path(usize, usize, usize),
    /// Of this state, item and choice, one of the words.
    ChoiceWord(usize, usize, usize, usize),
    /// Of whose corrections, which one, and what of it.
    Correct(Whose, usize, Part),
}

/// Which `corrects(…)` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Whose {
    Flow,
    /// That of this state, and the item.
    State(usize, usize),
}

/// A token of an entry of `corrects(…)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Part {
    /// With which all of it begins.
    Field,
    Word(usize),
    /// The state that asks, and what stands before its name.
    Asking,
    Path,
    Dependent(usize),
}

impl Declaration {
    /// Of which word the token is a part.
    pub(super) fn word_at(&self, place: Place) -> &'static str {
        match place {
            Place::Enum => "the enum",
            Place::Faulty | Place::Word(_) | Place::WordTarget(_) | Place::WordPath(_) => "anywhere",
            Place::Aside(_) => "aside",
            Place::Link(_) | Place::LinkTarget(_) | Place::LinkPath(_) => "opens",
            Place::Correct(Whose::Flow, ..) => "the flow's corrects",
            Place::Correct(Whose::State(..), ..) => "corrects",
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
            Self::Corrects(_) => "corrects",
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
            Self::To(word, _) | Self::Aside(word, _) => word,
            Self::Back => "back",
            Self::Help => "help",
        }
    }

    /// Where it leads, if it does.
    pub(super) fn target(&self) -> Option<Target> {
        match self {
            Self::To(_, target) | Self::Aside(_, target) => Some(*target),
            Self::Back | Self::Help => None,
        }
    }
}
