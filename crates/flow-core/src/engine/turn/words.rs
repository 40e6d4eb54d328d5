//! What is said besides answers: the hook that sees it first, corrections, words that count anywhere, and the way back.

use std::borrow::Cow;

use super::{
    Turns,
    asking::{bases, failed},
    draft::Draft,
    entering::{Going, projected},
    request::Stop,
};
use crate::{
    Cause, Flow, Input,
    declare::graph::{EdgeKind, Role, Shortcut, ShortcutAction},
    handler::{arriving::Verdict, once::Errands},
    session::Why,
    talk::choice::choose,
};

impl<F: Flow> Turns<F> {
    /// Shows what came in to the hooks of the flows that are under way, the session's own first, and gives what is to be heard; none if
    /// one of them has answered it, or taken it for a correction.
    pub(super) async fn shown<'i>(
        &self,
        draft: &mut Draft<F>,
        input: &'i Input,
        errands: &dyn Errands,
    ) -> Result<Option<Cow<'i, Input>>, Stop> {
        let mut input = Cow::Borrowed(input);
        let (standing, flows) = (draft.session.standing(), bases(&draft.session).collect::<Vec<_>>());
        for depth in flows {
            let driver = self.driver(&draft.session, depth)?;
            let arrive = || driver.arrive(&input, &standing, Self::occasion(draft, depth));
            let verdict = self.run(&draft.session, arrive).await.map_err(failed)?;
            match verdict {
                Verdict::Heard => {}
                Verdict::Instead(other) => input = Cow::Owned(other),
                Verdict::Answered(replies) => {
                    draft.replies.extend(replies);
                    return Ok(None);
                }
                Verdict::Correction(field, answer) => {
                    if draft.begin_correction(draft.session.standing(), &field) {
                        self.answer_correction(draft, answer.as_ref(), errands).await?;
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(input))
    }

    /// Asks what is corrected, or takes the answer that was given with it.
    async fn answer_correction(
        &self,
        draft: &mut Draft<F>,
        answer: Option<&Input>,
        errands: &dyn Errands,
    ) -> Result<(), Stop> {
        let state = draft.session.top();
        match answer.filter(|_| state.kind().run_by(state.index()).is_none()) {
            Some(answer) => self.answer(draft, answer, errands).await,
            None => self.arrived(draft, errands).await,
        }
    }

    /// Begins the correction that was said, and tells whether there was one.
    pub(super) async fn take_correction(
        &self,
        draft: &mut Draft<F>,
        input: &Input,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let named = input.calls().find_map(|said| draft.session.correction(said));
        let Some(correction) = named else { return Ok(false) };
        let begins = draft.begin_correction(draft.session.standing(), correction.field);
        if begins {
            self.arrived(draft, errands).await?;
        }
        Ok(begins)
    }

    /// Begins with what a link names, and tells whether there was one: `/start book`.
    pub(super) async fn take_entrance(
        &self,
        draft: &mut Draft<F>,
        input: &Input,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let Some(target) = entrance::<F>(input) else { return Ok(false) };
        let Some(state) = projected(draft.session.state_at(0), target) else { return Ok(false) };
        self.go(draft, Going::to(state, Cause::Shortcut, None, 0), errands).await?;
        Ok(true)
    }

    /// Takes the shortcut that was said, and tells whether there was one: from the top down, the first flow that has the word takes it,
    /// and everything above goes.
    pub(super) async fn take_shortcut(
        &self,
        draft: &mut Draft<F>,
        input: &Input,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let known = input.calls().find_map(|said| draft.session.shortcut(said).map(|found| (said, found)));
        let Some((said, (depth, shortcut))) = known else { return Ok(false) };
        if choose(draft.session.top_node().choices, said).is_some() {
            // What the state itself offers is meant for the state.
            return Ok(false);
        }
        match shortcut.action {
            ShortcutAction::To(target) => return self.take_word(draft, depth, shortcut, target, errands).await,
            ShortcutAction::Aside(target) => return self.put_aside(draft, depth, target, errands).await,
            ShortcutAction::Back => self.go_back(draft, depth, errands).await?,
            ShortcutAction::Help => {
                let (driver, state) = (self.driver(&draft.session, depth)?, draft.session.state_at(depth));
                let help = self.run(&draft.session, || driver.help(state)).await.map_err(failed)?;
                draft.replies.push(help);
                self.ask(draft).await?;
            }
        }
        Ok(true)
    }

    /// Goes where a word of the flow at this depth leads, and tells whether it can.
    async fn take_word(
        &self,
        draft: &mut Draft<F>,
        depth: usize,
        shortcut: &Shortcut,
        target: usize,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let Some(state) = projected(draft.session.state_at(depth), target) else { return Ok(false) };
        let edge = Some(EdgeKind::Shortcut(shortcut.word));
        draft.check(depth, &*state, edge)?;
        // What is said aside ends by its own end. Any other word leaves what it interrupted, too.
        let depth = match draft.session.why(depth) {
            Some(Why::Aside(of)) if state.node().role != Role::End => *of,
            _ => depth,
        };
        self.go(draft, Going::to(state, Cause::Shortcut, None, depth), errands).await?;
        Ok(true)
    }

    /// Puts a state of the flow at this depth on top of what is asked, and tells whether it can. Said again, it begins anew instead of
    /// standing there twice.
    async fn put_aside(
        &self,
        draft: &mut Draft<F>,
        depth: usize,
        target: usize,
        errands: &dyn Errands,
    ) -> Result<bool, Stop> {
        let (base, from) = (draft.session.base(depth), draft.session.standing());
        let Some(state) = projected(draft.session.state_at(base), target) else { return Ok(false) };
        let before = (1..=draft.session.depth()).find(|&above| draft.session.why(above) == Some(&Why::Aside(base)));
        if let Some(before) = before {
            draft.session.leave_above(before - 1, Cause::Aside);
        }
        draft.enter_above(from, Why::Aside(base), state, Cause::Aside);
        self.arrived(draft, errands).await?;
        Ok(true)
    }

    /// Goes back: to the state before, or out of a correction, an aside or a flow that is at its beginning.
    async fn go_back(&self, draft: &mut Draft<F>, depth: usize, errands: &dyn Errands) -> Result<(), Stop> {
        let from = draft.session.standing();
        let mut depth = depth;
        loop {
            if let Some(before) = draft.session.state_before(depth) {
                return self.go(draft, Going::to(before, Cause::Back, None, depth), errands).await;
            }
            match draft.session.why(depth) {
                None => break,
                Some(Why::Run) => depth -= 1,
                Some(Why::Correction(_) | Why::Aside(_)) => {
                    draft.come_back(from, depth - 1, Cause::Back);
                    return self.ask_anew(draft, errands).await;
                }
            }
        }
        draft.replies.push(self.settings.phrases.cannot_go_back.clone());
        self.ask(draft).await
    }
}

/// Where what was said leads as the name of a link: `/start book`.
pub(super) fn entrance<F: Flow>(input: &Input) -> Option<usize> {
    let command = input.command().filter(|command| command.name() == "start")?;
    let entrance = F::GRAPH.opens.iter().find(|entrance| entrance.payload == command.arguments())?;
    Some(entrance.to)
}
