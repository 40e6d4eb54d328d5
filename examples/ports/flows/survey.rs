//! Questions out of a list, with a way back to each: aiogram's `examples/quiz_scene.py`.

use flow_chat::{Result, prelude::*};
use serde::{Deserialize, Serialize};

/// The questions, each with its answers, of which the first is right.
pub const QUESTIONS: [(&str, [&str; 4]); 5] = [
    ("Which river flows through Vienna?", ["Danube", "Rhine", "Elbe", "Po"]),
    ("Through Rome?", ["Tiber", "Arno", "Po", "Adige"]),
    ("Through Seville?", ["Guadalquivir", "Ebro", "Tagus", "Duero"]),
    ("Through Cologne?", ["Rhine", "Main", "Weser", "Elbe"]),
    ("Through Lyon?", ["Rhône", "Loire", "Seine", "Garonne"]),
];

/// One state for all questions. "Back" takes one answer off the list again, and "exit" counts those there are.
#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "survey", anywhere(back, "exit" => Counted))]
pub enum Survey {
    #[state(start, ask = "Welcome to the quiz! Shall we begin?", choices(Yes), without("exit"), to(Question))]
    Begin,

    #[state(offers = String, to(Question, Counted))]
    Question { answers: Answers },

    #[state(end, say = "{answers}")]
    Counted { answers: Answers },
}

pub use survey::*;

/// What was answered, as it is told at the end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers(pub Vec<String>);

impl Speak for Answers {
    fn speak(&self) -> String {
        let mut told = Vec::new();
        let mut right = 0;
        for (number, (question, [expected, ..])) in QUESTIONS.iter().enumerate() {
            let answer = self.0.get(number).map_or("no answer", String::as_str);
            right += usize::from(answer == *expected);
            told.push(format!("{} {question} {answer}", if answer == *expected { "✓" } else { "✗" }));
        }
        format!("{}\n{right} right, {} wrong.", told.join("\n"), QUESTIONS.len() - right)
    }
}

/// Asks what is on the list.
pub struct Pollster;

impl SurveyHandler for Pollster {
    async fn begin(&self, _: Begin, _: BeginChoice, turn: Turn<'_, Begin>) -> Step<Begin> {
        turn.to(Question { answers: Answers::default() })
    }

    async fn ask_question(&self, state: &Question, _: Ask<'_, Question>) -> Result<Offer<String>> {
        // A release with fewer questions may find a longer list of answers.
        let Some((question, answers)) = QUESTIONS.get(state.answers.0.len()) else {
            return Ok(Offer::new("These were all the questions.").items(["Count them".to_owned()]));
        };
        Ok(Offer::new(Reply::new(*question).with_choices(["Back", "Exit"])).items(answers.map(str::to_owned)))
    }

    async fn question(&self, state: Question, answer: String, turn: Turn<'_, Question>) -> Step<Question> {
        let Answers(mut answers) = state.answers;
        answers.push(answer);
        if answers.len() < QUESTIONS.len() {
            turn.to(Question { answers: Answers(answers) })
        } else {
            turn.to(Counted { answers: Answers(answers) })
        }
    }
}
