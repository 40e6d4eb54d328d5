//! The declaration as a value: [`Model`]. Its form is checked here; its names are not resolved yet.

use proc_macro2::Ident;
use quote::{ToTokens, format_ident};
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Lit, LitInt, LitStr, Meta, Type, Visibility, ext::IdentExt,
    parse_quote,
};

use super::attr::{AnywhereWord, CarriedWord, ChoiceWord, FlowWord, RemindWord, StateWord, Target, WithoutWord};
use crate::{
    errors::Errors,
    items::{Named, items, once},
    names::{self, screaming, snake},
    root::Root,
};

/// A flow as declared.
pub(super) struct Model {
    pub(super) root: Root,
    pub(super) ident: Ident,
    pub(super) visibility: Visibility,
    pub(super) doc: String,
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) shared: Option<Type>,
    pub(super) module: Ident,
    pub(super) anywhere: Vec<AnywhereWord>,
    pub(super) effects: Vec<CarriedWord>,
    /// In the order of the source, which is the order of everything.
    pub(super) states: Vec<StateModel>,
    /// Whether a part of the enum's attributes could not be read.
    pub(super) is_faulty: bool,
}

/// A state as declared.
pub(super) struct StateModel {
    pub(super) ident: Ident,
    pub(super) doc: String,
    pub(super) notes: Notes,
    /// The name that stands in a record.
    pub(super) name: String,
    /// The name of the handler's method.
    pub(super) method: Ident,
    /// The name of the method that makes this state out of one before it: the same, unless the handler's is taken.
    pub(super) carrier: Ident,
    pub(super) fields: Vec<FieldModel>,
    pub(super) shape: Shape,
    pub(super) start: Option<Ident>,
    pub(super) end: Option<Ident>,
    pub(super) checkpoint: bool,
    /// `answer`, and the type in `answer = Type`.
    pub(super) answer: Option<(Ident, Option<Type>)>,
    pub(super) handled: Option<Ident>,
    pub(super) silent: Option<Ident>,
    pub(super) ask: Option<LitStr>,
    pub(super) say: Option<LitStr>,
    pub(super) choices: Vec<ChoiceWord>,
    /// `choices = Type`
    pub(super) choices_of: Option<Type>,
    pub(super) offers: Option<Type>,
    pub(super) signals: Vec<CarriedWord>,
    pub(super) reminders: Vec<RemindWord>,
    pub(super) to: Vec<Target>,
    pub(super) aliases: Vec<LitStr>,
    pub(super) after: Vec<(LitStr, Target)>,
    pub(super) tries: Option<(LitInt, Target)>,
    pub(super) without: Vec<WithoutWord>,
    /// The words of its attributes, in the order of the source.
    pub(super) words: Vec<Ident>,
    /// Whether a part of its attributes could not be read. What seems to be missing may stand in that part.
    pub(super) is_faulty: bool,
}

/// What the user notes on a variant or a field for whoever uses it: its doc comment, and `#[deprecated]`.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) doc: Vec<Attribute>,
    pub(super) deprecated: Vec<Attribute>,
}

impl Notes {
    fn of(attributes: &[Attribute]) -> Self {
        let named =
            |name: &str| attributes.iter().filter(|attribute| attribute.path().is_ident(name)).cloned().collect();
        Self { doc: named("doc"), deprecated: named("deprecated") }
    }
}

/// How a variant is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Unit,
    Tuple,
    Named,
}

/// One field. A field without a name is called `value` in code, and `0` in prompts and in the graph.
pub(super) struct FieldModel {
    pub(super) ident: Ident,
    pub(super) name: String,
    pub(super) kind: Type,
    pub(super) notes: Notes,
}

impl FieldModel {
    /// The type as text, to compare and to show.
    pub(super) fn kind_text(&self) -> String {
        text(&self.kind)
    }

    /// Whether the other holds the same thing: its name and its type are the same.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.kind_text() == other.kind_text()
    }
}

impl StateModel {
    /// Where this word of its attributes stands, if it is given.
    pub(super) fn word(&self, name: &str) -> Option<&Ident> {
        self.words.iter().find(|word| *word == name)
    }

    pub(super) fn prompt(&self) -> Option<&LitStr> {
        self.ask.as_ref().or(self.say.as_ref())
    }

    /// The name of the enum that the derive makes of `choices(...)`.
    pub(super) fn choice_enum(&self) -> Ident {
        format_ident!("{}Choice", self.ident, span = self.ident.span())
    }

    /// The name of the enum that the derive makes of `remind(...)`.
    pub(super) fn reminder_enum(&self) -> Ident {
        format_ident!("{}Reminder", self.ident, span = self.ident.span())
    }

    /// Whether the handler must give the question: the declaration does not say what is said on entering.
    pub(super) fn is_asked_by_handler(&self) -> bool {
        self.prompt().is_none() && self.silent.is_none() && self.end.is_none()
    }

    /// The fields of `target` that this state does not hold.
    pub(super) fn missing_for<'m>(&self, target: &'m Self) -> Vec<&'m FieldModel> {
        target.fields.iter().filter(|wanted| !self.fields.iter().any(|field| field.is_same(wanted))).collect()
    }
}

/// Reads the declaration; `root` is where the framework is, unless the declaration says otherwise.
///
/// None if there is too little to write any code from.
pub(super) fn read(input: &DeriveInput, root: Root, errors: &mut Errors) -> Option<Model> {
    let Data::Enum(data) = &input.data else {
        errors.at(&input.ident, "a flow is an enum: each variant is a state");
        return None;
    };
    if !input.generics.params.is_empty() {
        errors
            .at(&input.generics, "a flow has no generics: its sessions are stored, and must be read again as they are");
        return None;
    }
    if data.variants.is_empty() {
        errors.at(&input.ident, "a flow needs states: a `start`, an `end`, and what lies between");
        return None;
    }
    refuse_serde(&input.attrs, &["tag", "content", "untagged", "from", "into", "try_from", "remote"], errors);
    let mut model = Model {
        root,
        ident: input.ident.clone(),
        visibility: input.vis.clone(),
        doc: doc(&input.attrs),
        name: snake(&input.ident.unraw().to_string()),
        version: 1,
        shared: None,
        module: module(&input.ident),
        anywhere: Vec::new(),
        effects: Vec::new(),
        states: data.variants.iter().map(|variant| state(variant, errors)).collect(),
        is_faulty: false,
    };
    let mut given = Vec::new();
    let mistakes = errors.count();
    let words = items::<Named<FlowWord>>(&input.attrs, "flow", errors);
    model.is_faulty = errors.count() > mistakes;
    for Named { word, item } in words {
        once(&word, &mut given, errors);
        match item {
            FlowWord::Crate(path) => model.root = Root::given(path),
            FlowWord::Name(name) if name.value().is_empty() => errors.at(name, "a flow's name cannot be empty"),
            FlowWord::Name(name) => model.name = name.value(),
            FlowWord::Version(version) => match version.base10_parse() {
                Ok(0) | Err(_) => errors.at(version, "a version is a number from 1 up"),
                Ok(number) => model.version = number,
            },
            FlowWord::Shared(shared) => model.shared = Some(*shared),
            FlowWord::Module(module) => model.module = module,
            FlowWord::Anywhere(anywhere) => model.anywhere.extend(anywhere),
            FlowWord::Effects(effects) => model.effects.extend(effects),
        }
    }
    Some(model)
}

/// The module of `Booking` is `booking`; that of `Super` is `super_`, since no module can be called `super`.
fn module(ident: &Ident) -> Ident {
    let name = snake(&ident.unraw().to_string());
    names::ident(&name, ident.span()).unwrap_or_else(|| Ident::new(&format!("{name}_"), ident.span()))
}

fn state(variant: &syn::Variant, errors: &mut Errors) -> StateModel {
    let (shape, fields) = fields(variant, errors);
    refuse_serde(&variant.attrs, &["skip", "skip_serializing", "skip_deserializing", "other", "untagged"], errors);
    let name = variant.ident.unraw().to_string();
    let span = variant.ident.span();
    let method = names::ident(&snake(&name), span).unwrap_or_else(|| {
        errors.at(&variant.ident, "this name makes no method; take another");
        Ident::new(&format!("{}_", snake(&name)), span)
    });
    let mut state = StateModel {
        ident: variant.ident.clone(),
        doc: doc(&variant.attrs),
        notes: Notes::of(&variant.attrs),
        name: screaming(&name),
        carrier: method.clone(),
        method,
        fields,
        shape,
        start: None,
        end: None,
        checkpoint: false,
        answer: None,
        handled: None,
        silent: None,
        ask: None,
        say: None,
        choices: Vec::new(),
        choices_of: None,
        offers: None,
        signals: Vec::new(),
        reminders: Vec::new(),
        to: Vec::new(),
        aliases: Vec::new(),
        after: Vec::new(),
        tries: None,
        without: Vec::new(),
        words: Vec::new(),
        is_faulty: false,
    };
    let mistakes = errors.count();
    let words = items::<Named<StateWord>>(&variant.attrs, "state", errors);
    state.is_faulty = errors.count() > mistakes;
    for Named { word, item } in words {
        if matches!(item, StateWord::After(..) | StateWord::Remind(..)) {
            state.words.push(word.clone());
        } else {
            once(&word, &mut state.words, errors);
        }
        match item {
            // Its place is in the words.
            StateWord::Endless => {}
            StateWord::Start => state.start = Some(word),
            StateWord::End => state.end = Some(word),
            StateWord::Checkpoint => state.checkpoint = true,
            StateWord::Answer(kind) => state.answer = Some((word, kind.map(|kind| *kind))),
            StateWord::Handled => state.handled = Some(word),
            StateWord::Silent => state.silent = Some(word),
            StateWord::Ask(prompt) => state.ask = Some(prompt),
            StateWord::Say(prompt) => state.say = Some(prompt),
            StateWord::Choices(choices) => state.choices.extend(choices),
            StateWord::ChoicesOf(kind) => state.choices_of = Some(*kind),
            StateWord::Offers(kind) => state.offers = Some(*kind),
            StateWord::Signals(signals) => state.signals.extend(signals),
            StateWord::Remind(reminder) => state.reminders.push(reminder),
            StateWord::To(targets) => state.to.extend(targets),
            StateWord::Alias(aliases) => state.aliases.extend(aliases),
            StateWord::After(time, target) => state.after.push((time, target)),
            StateWord::Tries(count, target) => state.tries = Some((count, target)),
            StateWord::Without(words) => state.without.extend(words),
        }
    }
    state
}

fn fields(variant: &syn::Variant, errors: &mut Errors) -> (Shape, Vec<FieldModel>) {
    match &variant.fields {
        Fields::Unit => (Shape::Unit, Vec::new()),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let field = &fields.unnamed[0];
            let notes = Notes::of(&field.attrs);
            let field = FieldModel { ident: parse_quote!(value), name: "0".into(), kind: field.ty.clone(), notes };
            (Shape::Tuple, vec![field])
        }
        Fields::Unnamed(fields) => {
            errors.at(
                fields,
                "a state holds named fields or one value: write `State { name: Type, … }` or `State(Type)`",
            );
            (Shape::Unit, Vec::new())
        }
        Fields::Named(named) => {
            let fields = named.named.iter().filter_map(|field| {
                let ident = field.ident.clone()?;
                let name = ident.to_string().trim_start_matches("r#").to_owned();
                Some(FieldModel { ident, name, kind: field.ty.clone(), notes: Notes::of(&field.attrs) })
            });
            (Shape::Named, fields.collect())
        }
    }
}

/// Notes serde attributes that change how the enum itself is written.
fn refuse_serde(attributes: &[Attribute], refused: &[&str], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Values are serde's to check; only the words matter here.
        let _ = attribute.parse_nested_meta(|meta| {
            if refused.iter().any(|word| meta.path.is_ident(word)) {
                errors.at(
                    &meta.path,
                    "a record tells its states by their wire names: leave the enum's own form to the derive",
                );
            }
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                content.parse::<proc_macro2::TokenStream>()?;
            }
            Ok(())
        });
    }
}

/// A type as text, to compare and to show.
pub(super) fn text(kind: &Type) -> String {
    kind.to_token_stream().to_string().replace(' ', "")
}

/// A type as a user writes it.
pub(super) fn written(kind: &Type) -> String {
    let mut text = kind.to_token_stream().to_string();
    for tight in ["::", "<", ">", "&", ",", ";", "(", ")", "[", "]"] {
        if tight != "," && tight != ";" {
            text = text.replace(&format!("{tight} "), tight);
        }
        if tight != "&" {
            text = text.replace(&format!(" {tight}"), tight);
        }
    }
    text
}

/// The doc comment as one text.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) => Some(line.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
