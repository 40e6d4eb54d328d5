//! The declaration as a value: [`Model`]. Its form is checked here; its names are not resolved yet.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Field, Fields, FieldsUnnamed, Generics, Lit, LitInt, LitStr, Meta,
    Type, Visibility, ext::IdentExt, parse_quote, parse2,
};

use super::{
    attr::{
        AfterWord, AnywhereWord, CarriedWord, ChoiceWord, CorrectWord, FlowWord, OpensWord, RemindWord, StateWord,
        Target, WithoutWord,
    },
    borrowed::refuse_borrowed,
    words::{Meant, flow_words, refuse, state_words},
};
use crate::{
    errors::Errors,
    items::{Item, once},
    names::{self, screaming, snake},
    nothing::no_type,
    parameters::{Parameter, closed, parameters},
    root::Root,
};

/// A flow as declared.
pub(super) struct Model {
    pub(super) root: Root,
    pub(super) ident: Ident,
    /// Those of the enum, each a mistake.
    pub(super) parameters: Vec<Parameter>,
    /// Inside the module: what is given for those of them that are types.
    pub(super) open: Option<TokenStream>,
    /// Whether it may hold what cannot be read from a record, which is a mistake.
    pub(super) is_borrowed: bool,
    pub(super) visibility: Visibility,
    pub(super) doc: String,
    pub(super) name: String,
    /// Where the name is given: the literal, or the enum's own name.
    pub(super) name_span: Span,
    pub(super) version: u32,
    pub(super) shared: Option<Type>,
    /// How messages that wait are handled, in the words of the declaration.
    pub(super) waiting: Option<String>,
    pub(super) module: Ident,
    pub(super) anywhere: Vec<AnywhereWord>,
    pub(super) effects: Vec<CarriedWord>,
    /// What may be corrected from every state that holds it.
    pub(super) corrects: Vec<CorrectWord>,
    pub(super) opens: Vec<OpensWord>,
    /// The names of the enums that the derive makes of all `signals(...)`, of `effects(...)`, and of the ends.
    pub(super) signal_enum: Ident,
    pub(super) effect_enum: Ident,
    pub(super) end_enum: Ident,
    /// In the order of the source, which is the order of everything.
    pub(super) states: Vec<StateModel>,
    /// Whether a part of the enum's attributes could not be read.
    pub(super) is_faulty: bool,
}

impl Model {
    /// The states that the declaration names outside of their variants, as they are written.
    pub(super) fn named(&self) -> impl Iterator<Item = &Target> {
        let by_word = self.anywhere.iter().filter_map(|word| match word {
            AnywhereWord::To { target, .. } | AnywhereWord::Aside { target, .. } => Some(target),
            AnywhereWord::Back(_) | AnywhereWord::Help(_) => None,
        });
        let by_link = self.opens.iter().map(|entry| &entry.target);
        let corrects = self.corrects.iter().chain(self.states.iter().flat_map(|state| &state.corrects));
        let asked = corrects.filter_map(|word| word.asked_in.as_ref());
        by_word.chain(by_link).chain(asked).chain(self.states.iter().flat_map(|state| {
            let after = state.after.iter().map(|after| &after.target);
            state.to.iter().chain(after).chain(state.tries.iter().map(|(_, target)| target))
        }))
    }
}

/// A state as declared.
pub(super) struct StateModel {
    pub(super) ident: Ident,
    /// Its name with its fields.
    pub(super) variant: TokenStream,
    pub(super) doc: String,
    pub(super) notes: Notes,
    /// The name that stands in a record.
    pub(super) name: String,
    /// The name of the handler's method.
    pub(super) method: Ident,
    /// The name of the method that makes this state out of one before it: the same, unless the handler's is taken.
    pub(super) carrier: Ident,
    /// The names of the enums that the derive makes of `choices(...)`, and of `remind(...)`.
    pub(super) choice_enum: Ident,
    pub(super) reminder_enum: Ident,
    pub(super) correction_enum: Ident,
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
    /// The flow that it runs.
    pub(super) run: Option<Type>,
    /// Where the handler says in which state that flow begins.
    pub(super) begin: Option<Ident>,
    pub(super) corrects: Vec<CorrectWord>,
    pub(super) signals: Vec<CarriedWord>,
    pub(super) reminders: Vec<RemindWord>,
    pub(super) to: Vec<Target>,
    pub(super) aliases: Vec<LitStr>,
    pub(super) after: Vec<AfterWord>,
    pub(super) tries: Option<(LitInt, Target)>,
    pub(super) without: Vec<WithoutWord>,
    /// The words of its attributes, in the order of the source.
    pub(super) words: Vec<Ident>,
    /// All that is written with each of these words.
    items: Vec<TokenStream>,
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

    pub(super) fn all(&self) -> impl Iterator<Item = &Attribute> {
        self.doc.iter().chain(&self.deprecated)
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
    /// Whether serde's words may say how it is written and read.
    pub(super) has_serde: bool,
}

impl FieldModel {
    fn new(ident: Ident, name: String, field: &Field) -> Self {
        let has_serde = field.attrs.iter().any(|attribute| attribute.path().is_ident("serde"));
        Self { ident, name, kind: field.ty.clone(), notes: Notes::of(&field.attrs), has_serde }
    }

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

    /// The same with all that is written with it.
    pub(super) fn item(&self, name: &str) -> Option<&TokenStream> {
        let place = self.words.iter().position(|word| word == name)?;
        self.items.get(place)
    }

    pub(super) fn prompt(&self) -> Option<&LitStr> {
        self.ask.as_ref().or(self.say.as_ref())
    }

    /// Whether the handler must give the question: the declaration does not say what is said on entering.
    pub(super) fn is_asked_by_handler(&self) -> bool {
        self.prompt().is_none() && self.silent.is_none() && self.end.is_none() && self.run.is_none()
    }

    /// Whether what the visitor says is decided on in this state.
    pub(super) fn takes_words(&self) -> bool {
        self.end.is_none() && self.run.is_none()
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
    refuse_generics(&input.generics, errors);
    if data.variants.is_empty() {
        errors.at(&input.ident, "a flow needs states: a `start`, an `end`, and what lies between");
        return None;
    }
    refuse_serde(&input.attrs, &["tag", "content", "untagged", "from", "into", "try_from", "remote"], errors);
    refuse(&input.attrs, &["state"], errors);
    let name = snake(&input.ident.unraw().to_string());
    let module = module(&input.ident);
    let mut meant = Meant::new(name.clone(), &module, root.written(), data);
    let mut model = Model {
        root,
        ident: input.ident.clone(),
        parameters: Vec::new(),
        open: open(&input.generics),
        is_borrowed: false,
        visibility: input.vis.clone(),
        doc: doc(&input.attrs),
        name,
        name_span: input.ident.span(),
        version: 1,
        shared: None,
        waiting: None,
        module,
        anywhere: Vec::new(),
        effects: Vec::new(),
        corrects: Vec::new(),
        opens: Vec::new(),
        signal_enum: made_of(&input.ident, "Signal"),
        effect_enum: made_of(&input.ident, "Effect"),
        end_enum: made_of(&input.ident, "End"),
        states: Vec::new(),
        is_faulty: false,
    };
    model.read_words(&input.attrs, &meant, errors);
    meant.hear(model.anywhere.iter().map(AnywhereWord::written));
    let states = data.variants.iter().enumerate();
    model.states = states.map(|(index, variant)| state(variant, index, &meant, errors)).collect();
    let module = &model.module;
    model.parameters = parameters(&input.generics, &quote!(#module::__Open), GENERICS);
    for field in model.states.iter_mut().flat_map(|state| &mut state.fields) {
        field.kind = closed(&field.kind, &model.parameters);
    }
    model.name_itself();
    // What borrows from a parameter is no mistake besides it.
    model.is_borrowed = !model.parameters.is_empty() || refuse_borrowed(&mut model, errors);
    Some(model)
}

impl Model {
    /// Writes the enum's name for `Self` in types, which stand in impls of others too.
    fn name_itself(&mut self) {
        let ident = self.ident.clone();
        let of_states = self.states.iter_mut().flat_map(|state| {
            let fields = state.fields.iter_mut().map(|field| &mut field.kind);
            let signals = state.signals.iter_mut().filter_map(|signal| signal.kind.as_mut());
            let answer = state.answer.iter_mut().filter_map(|(_, kind)| kind.as_mut());
            let others = [&mut state.choices_of, &mut state.offers, &mut state.run];
            fields.chain(signals).chain(answer).chain(others.into_iter().flatten())
        });
        let carried = self.effects.iter_mut().filter_map(|effect| effect.kind.as_mut());
        for kind in of_states.chain(carried).chain(&mut self.shared) {
            if let Ok(named) = parse2(named(kind.to_token_stream(), &ident)) {
                *kind = named;
            }
        }
    }

    fn read_words(&mut self, attributes: &[Attribute], meant: &Meant, errors: &mut Errors) {
        let mut given = Vec::new();
        let mistakes = errors.count();
        let words = flow_words(attributes, meant, errors);
        self.is_faulty = errors.count() > mistakes || words.iter().any(|(item, _)| item.is_guess);
        for (item, word) in words {
            let is_new = once(&item, &mut given, errors);
            match word {
                FlowWord::Anywhere(anywhere) => add(&mut self.anywhere, anywhere, is_new, AnywhereWord::text),
                FlowWord::Effects(effects) => add(&mut self.effects, effects, is_new, |effect| effect.ident.clone()),
                FlowWord::Corrects(corrects) => add(&mut self.corrects, corrects, is_new, |word| word.ident.clone()),
                FlowWord::Opens(opens) => add(&mut self.opens, opens, is_new, |entry| entry.payload.value()),
                _ if !is_new => {}
                FlowWord::Crate(path) => self.root = Root::given(path),
                FlowWord::Name(name) => {
                    self.name = name.value();
                    self.name_span = name.span();
                }
                FlowWord::Version(version) => self.version = version.base10_parse().unwrap_or(1),
                FlowWord::Shared(shared) => self.shared = Some(*shared),
                FlowWord::Module(module) => self.module = module,
                FlowWord::Waiting(way) => self.waiting = Some(way.value()),
            }
        }
    }
}

fn named(tokens: TokenStream, ident: &Ident) -> TokenStream {
    let each = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => {
            let mut ident = ident.clone();
            ident.set_span(ident.span().located_at(word.span()));
            ident.into()
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), named(group.stream(), ident));
            inner.set_span(group.span());
            inner.into()
        }
        token => token,
    });
    each.collect()
}

/// Adds what is given. Of a word that is given again, only what is not there yet.
fn add<T, K: PartialEq>(all: &mut Vec<T>, given: Vec<T>, is_new: bool, key: impl Fn(&T) -> K) {
    for one in given {
        if is_new || !all.iter().any(|other| key(other) == key(&one)) {
            all.push(one);
        }
    }
}

const GENERICS: &str =
    "a flow has no generics, since its sessions are stored, and must be read again as they are: remove this";

/// Notes parameters and bounds.
fn refuse_generics(generics: &Generics, errors: &mut Errors) {
    if !generics.params.is_empty() {
        errors.at(generics, GENERICS);
    } else if let Some(bounds) = &generics.where_clause {
        errors.at(bounds, GENERICS);
    }
}

fn open(generics: &Generics) -> Option<TokenStream> {
    let kind = no_type(generics, GENERICS);
    generics.type_params().next().map(|_| quote!(pub(super) type __Open = #kind;))
}

/// The module of `Booking` is `booking`; that of `Super` is `super_`, since no module can be called `super`.
fn module(ident: &Ident) -> Ident {
    let name = snake(&ident.unraw().to_string());
    names::ident(&name, ident.span()).unwrap_or_else(|| Ident::new(&format!("{name}_"), ident.span()))
}

/// The name of a type that the derive makes: `BookingSignal`.
fn made_of(ident: &Ident, role: &str) -> Ident {
    format_ident!("{ident}{role}", span = ident.span())
}

fn state(variant: &syn::Variant, index: usize, meant: &Meant, errors: &mut Errors) -> StateModel {
    let (shape, fields) = fields(variant, errors);
    refuse_serde(&variant.attrs, &["skip", "skip_serializing", "skip_deserializing", "other", "untagged"], errors);
    refuse(&variant.attrs, &["flow"], errors);
    let name = variant.ident.unraw().to_string();
    let span = variant.ident.span();
    let method = names::ident(&snake(&name), span).unwrap_or_else(|| {
        errors.at(&variant.ident, "this name makes no method; take another");
        Ident::new(&format!("{}_", snake(&name)), span)
    });
    let mut state = StateModel {
        ident: variant.ident.clone(),
        variant: whole(variant),
        doc: doc(&variant.attrs),
        notes: Notes::of(&variant.attrs),
        name: screaming(&name),
        carrier: method.clone(),
        choice_enum: made_of(&variant.ident, "Choice"),
        reminder_enum: made_of(&variant.ident, "Reminder"),
        correction_enum: made_of(&variant.ident, "Correction"),
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
        run: None,
        begin: None,
        corrects: Vec::new(),
        signals: Vec::new(),
        reminders: Vec::new(),
        to: Vec::new(),
        aliases: Vec::new(),
        after: Vec::new(),
        tries: None,
        without: Vec::new(),
        words: Vec::new(),
        items: Vec::new(),
        is_faulty: false,
    };
    let mistakes = errors.count();
    let words = state_words(&variant.attrs, index, meant, errors);
    state.is_faulty = errors.count() > mistakes || words.iter().any(|(item, _)| item.is_guess);
    for (item, word) in words {
        state.add(&item, word, errors);
    }
    state
}

impl StateModel {
    fn add(&mut self, item: &Item, word: StateWord, errors: &mut Errors) {
        let is_new = if matches!(word, StateWord::After(..) | StateWord::Remind(..)) {
            self.words.push(item.word.clone());
            true
        } else {
            once(item, &mut self.words, errors)
        };
        self.items.push(item.to_token_stream());
        let word_ident = item.word.clone();
        match word {
            StateWord::Choices(choices) => add(&mut self.choices, choices, is_new, |choice| choice.ident.clone()),
            StateWord::Corrects(corrects) => add(&mut self.corrects, corrects, is_new, |word| word.ident.clone()),
            StateWord::Signals(signals) => add(&mut self.signals, signals, is_new, |signal| signal.ident.clone()),
            StateWord::To(targets) => add(&mut self.to, targets, is_new, |target| target.ident.clone()),
            StateWord::Alias(aliases) => add(&mut self.aliases, aliases, is_new, LitStr::value),
            StateWord::Without(words) => add(&mut self.without, words, is_new, WithoutWord::text),
            _ if !is_new => {}
            // Its place is in the words.
            StateWord::Endless => {}
            StateWord::Start => self.start = Some(word_ident),
            StateWord::End => self.end = Some(word_ident),
            StateWord::Checkpoint => self.checkpoint = true,
            StateWord::Answer(kind) => self.answer = Some((word_ident, kind.map(|kind| *kind))),
            StateWord::Handled => self.handled = Some(word_ident),
            StateWord::Silent => self.silent = Some(word_ident),
            StateWord::Ask(prompt) => self.ask = Some(prompt),
            StateWord::Say(prompt) => self.say = Some(prompt),
            StateWord::ChoicesOf(kind) => self.choices_of = Some(*kind),
            StateWord::Offers(kind) => self.offers = Some(*kind),
            StateWord::Run(kind) => self.run = Some(*kind),
            StateWord::Begin => self.begin = Some(word_ident),
            StateWord::Remind(reminder) => self.reminders.push(reminder),
            StateWord::After(after) => self.after.push(after),
            StateWord::Tries(count, target) => self.tries = Some((count, target)),
        }
    }
}

fn fields(variant: &syn::Variant, errors: &mut Errors) -> (Shape, Vec<FieldModel>) {
    match &variant.fields {
        Fields::Unit => (Shape::Unit, Vec::new()),
        Fields::Unnamed(fields) => {
            let count = fields.unnamed.len();
            if count != 1 {
                errors.at(whole(variant), shape_mistake(&variant.ident, fields));
            }
            let fields = fields.unnamed.iter().enumerate().map(|(place, field)| {
                let ident = if count == 1 { parse_quote!(value) } else { format_ident!("value_{place}") };
                refuse(&field.attrs, &["flow", "state"], errors);
                FieldModel::new(ident, place.to_string(), field)
            });
            (Shape::Tuple, fields.collect())
        }
        Fields::Named(named) => {
            // That a name is there twice is told by rustc.
            let is_new =
                |place: usize| !named.named.iter().take(place).any(|other| other.ident == named.named[place].ident);
            let new = named.named.iter().enumerate().filter(|(place, _)| is_new(*place)).map(|(_, field)| field);
            let fields = new.filter_map(|field| {
                let ident = field.ident.clone()?;
                let name = ident.to_string().trim_start_matches("r#").to_owned();
                refuse(&field.attrs, &["flow", "state"], errors);
                Some(FieldModel::new(ident, name, field))
            });
            (Shape::Named, fields.collect())
        }
    }
}

/// The variant without its attributes.
fn whole(variant: &syn::Variant) -> TokenStream {
    let (ident, fields) = (&variant.ident, &variant.fields);
    quote!(#ident #fields)
}

/// What is wrong with brackets that hold nothing, or more than one value.
fn shape_mistake(ident: &Ident, fields: &FieldsUnnamed) -> String {
    if fields.unnamed.is_empty() {
        return format!("a state that holds nothing has no brackets: write `{ident}`");
    }
    let kinds = fields.unnamed.iter().map(|field| text(&field.ty));
    let named = kinds.enumerate().map(|(place, kind)| format!("field_{}: {kind}", place + 1));
    let named = named.collect::<Vec<_>>().join(", ");
    format!("a state holds named fields, or one value: name these, as in `{ident} {{ {named} }}`")
}

/// Notes serde attributes that change how the enum itself is written.
fn refuse_serde(attributes: &[Attribute], refused: &[&str], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Values are serde's to check; only the words matter here.
        let _ = attribute.parse_nested_meta(|meta| {
            if refused.iter().any(|word| meta.path.is_ident(word)) {
                let word = meta.path.to_token_stream();
                let message =
                    format!("a record tells its states by their wire names, and has this form alone: remove `{word}`");
                errors.at(&meta.path, message);
            }
            if meta.input.peek(syn::Token![=]) {
                meta.value()?.parse::<Expr>()?;
            } else if meta.input.peek(syn::token::Paren) {
                let content;
                syn::parenthesized!(content in meta.input);
                content.parse::<TokenStream>()?;
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
