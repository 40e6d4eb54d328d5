//! The messages of rules that see more than one state.

use super::mistakes;

messages! {
    a_trap: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Done, Round))] Begin,
            #[state(silent, to(Again))] Round,
            #[state(silent, to(Round, Again))] Again,
            #[state(end)] Done { name: String },
        }
    "#

    two_traps_and_the_way_into_them: r#"
        enum Chat {
            #[state(start, silent, to(Done, Fork))] Begin,
            #[state(silent, to(Left, Right))] Fork,
            #[state(silent, to(Left))] Left,
            #[state(silent, to(Fair))] Right,
            #[state(silent, after("1h", Right))] Fair,
            #[state(end)] Done,
        }
    "#

    a_trap_that_a_word_leads_out_of: r#"
        #[flow(anywhere("stop" => Done, "on" => Round))]
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Round))] Round,
            #[state(silent, to(Deaf), without("stop", "on"))] Deaf,
            #[state(end)] Done,
        }
    "#

    a_trap_that_the_word_does_not_lead_out_of: r#"
        #[flow(anywhere("stop" => Done))]
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Round), without("stop"))] Round,
            #[state(end)] Done,
        }
    "#

    traps_that_time_and_tries_lead_out_of: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Round, Again), after("1h", Done))] Round,
            #[state(silent, to(Again), tries(3, Done))] Again,
            #[state(end)] Done,
        }
    "#

    a_flow_without_an_end: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Again))] Round,
            #[state(silent, to(Round))] Again,
        }
    "#

    a_trap_that_is_meant: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Again))] Round,
            #[state(silent, endless, to(Round))] Again,
        }
    "#

    a_trap_beside_one_that_is_meant: r#"
        enum Chat {
            #[state(start, silent, to(Round, Other))] Begin,
            #[state(silent, endless, to(Round))] Round,
            #[state(silent, to(Other))] Other,
        }
    "#

    an_end_and_a_state_before_one_that_are_endless: r#"
        enum Chat {
            #[state(start, silent, endless, to(Done, Round))] Begin,
            #[state(silent, to(Round), endless)] Round,
            #[state(end, endless)] Done,
        }
    "#

    a_missing_edge_that_makes_a_trap_is_one_mistake: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Round))] Round,
            #[state(silent, to(Done))] Last,
            #[state(end)] Done,
        }
    "#

    a_state_with_nothing_after_it_is_one_mistake: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent)] Round,
            #[state(silent, to(Done))] Last,
            #[state(end)] Done,
        }
    "#

    a_misspelt_way_out_is_one_mistake: r#"
        enum Chat {
            #[state(start, silent, to(Step2))] Begin,
            #[state(silent, to(Step4, Step2))] Step2,
            #[state(silent, to(Step1))] Step3,
            #[state(end)] Step1,
        }
    "#

    a_faulty_attribute_hides_a_way_out: r#"
        enum Chat {
            #[state(start, silent, to(Round))] Begin,
            #[state(silent, to(Round), tires(3, Done))] Round,
            #[state(end)] Done,
        }
    "#

    a_faulty_word_that_counts_anywhere_hides_a_way_out: r#"
        #[flow(anywhere("stop" = Done))]
        enum Chat {
            #[state(start, silent, to(Begin), without("stop"))] Begin,
            #[state(end)] Done,
        }
    "#

    a_misspelt_name_beside_the_right_one: r#"
        enum Chat {
            #[state(start, ask = "Name?", answer, to(Dnoe, Done), after("1h", Dome))] Begin,
            #[state(end)] Done { name: String },
        }
    "#

    a_misspelt_end_beside_the_right_one_of_an_endless_state: r#"
        enum Chat {
            #[state(start, silent, endless, to(Dnoe, Done))] Begin,
            #[state(end)] Done,
        }
    "#

    a_question_whose_answer_leads_nowhere: r#"
        enum Chat {
            #[state(start, ask = "Well?", after("1h", Done))] Begin,
            #[state(silent, to(Done))] Next,
            #[state(end)] Done,
        }
    "#

    aliases_that_match_nothing: r#"
        enum Chat {
            #[state(start, silent, to(Step2Done), alias("BEGIN", "Begin", "Start", "START"))] Begin,
            #[state(silent, to(Done), alias("", "book-name", "STEP2DONE", "STEP2DONE", "Done", "BEGAN"))] Step2Done,
            #[state(end, alias("BEGAN"))] Done,
        }
    "#

    times_written_otherwise: r#"
        enum Chat {
            #[state(start, silent, to(B), after("24", Done))] A,
            #[state(silent, to(C), after("1h 30m", Done))] B,
            #[state(silent, to(D), after("2 weeks", Done))] C,
            #[state(silent, to(E), after("0s", Done))] D,
            #[state(silent, to(F), after("90000001d", Done))] E,
            #[state(silent, to(Done), after("soon", Late), tries(4294967296, Done))] F,
            #[state(end)] Late,
            #[state(end)] Done,
        }
    "#

    times_that_never_come: r#"
        enum Chat {
            #[state(start, silent, to(Done), after("2h", Done), after("60m", Done), after("1h", Late))] Begin,
            #[state(end)] Late,
            #[state(end)] Done,
        }
    "#

    stored_names_that_collide: r#"
        enum Chat {
            #[state(start, silent, to(AskUrl), alias("ASK_URL"))] AskURL,
            #[state(silent, to(Done), alias("AskURL"))] AskUrl,
            #[state(end)] Done,
        }
    "#

    a_variant_that_is_there_twice_is_told_by_rustc: r#"
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(silent, to(Done))] Begin,
            #[state(end)] Done,
        }
    "#

    methods_that_collide: r#"
        enum Chat {
            #[state(start, silent, to(Name))] AskName,
            #[state(silent, to(OnOpen))] Name,
            #[state(silent, to(AskOnOpen))] OnOpen,
            #[state(silent, to(Done))] AskOnOpen,
            #[state(end)] Done,
        }
    "#

    a_state_that_cannot_be_made_beside_one_that_can: r#"
        #[flow(anywhere("stop" => Done))]
        enum Chat {
            #[state(start, silent, to(Done, Left), after("1h", Done))] Begin,
            #[state(end)] Done { name: String },
            #[state(end)] Left,
        }
    "#

    words_that_count_anywhere_written_otherwise: r#"
        #[flow(anywhere(" stop" => Done, "stop" => Left, "  " => Done, "go" => Lfet))]
        enum Chat {
            #[state(start, silent, to(Done), without("stop", " stop", "Go", "halt"))] Begin,
            #[state(end)] Left,
            #[state(end)] Done,
        }
    "#

    what_an_end_cannot_have_is_one_mistake: r#"
        enum Chat {
            #[state(start, silent, to(A, B, C, D))] Begin,
            #[state(end, say = "Bye.", choices(Yes, Yes("yes "), No("Yes")), answer)] A,
            #[state(end, ask = "Well?", offers = Slot, without("stop"))] B,
            #[state(end, signals(Paid, Paid), remind("soon", Late))] C,
            #[state(end, ask = "Well?")] D,
        }
    "#

    an_answer_in_several_forms: r#"
        enum Chat {
            #[state(start, ask = "Well?", choices(Yes, No), offers = Slot, handled, to(Next))] Begin,
            #[state(ask = "Well?", handled, answer, answer = u8, to(Done))] Next,
            #[state(end)] Done { slot: Slot },
        }
    "#

    an_offer_with_a_prompt: r#"
        enum Chat {
            #[state(start, ask = "When?", say = "There you are.", offers = Slot, to(Next))] Begin,
            #[state(silent, offers = Slot, to(Done))] Next,
            #[state(end)] Done { slot: Slot },
        }
    "#

    an_answer_of_another_type: r#"
        enum Chat {
            #[state(start, ask = "Well?", choices(Yes, No), answer, to(Next))] Begin,
            #[state(ask = "Well?", answer = u8, to(Done))] Next { begin: bool },
            #[state(end)] Done { begin: bool, next: u8 },
        }
    "#

    choices_that_cannot_be_told_apart: r#"
        enum Chat {
            #[state(start, ask = "Well?", choices(Yes, YES, Yes("a")), to(Next))] Begin,
            #[state(ask = "Well?", choices(Later("Not now", "sure"), NotNow, Yes("Sure "), No("later")), to(Done))] Next,
            #[state(ask = "Well?", choices(Yes("", "{name}", "yes", "{", "{{}}")), to(Done))] Done,
        }
    "#

    choices_that_count_anywhere: r#"
        #[flow(anywhere("stop" => Done, "Not now" => Done, "go" => Done, back))]
        enum Chat {
            #[state(start, ask = "Well?", choices(Stop, Back("Go back")), without("go"), to(Next))] Begin,
            #[state(ask = "Well?", choices(Yes, Later("later", "NOT NOW")), to(Deaf))] Next,
            #[state(ask = "Well?", choices(NotNow, Go), without("Not now", "go"), to(Done))] Deaf,
            #[state(end)] Done,
        }
    "#

    signals_that_are_not_the_same_everywhere: r#"
        enum Chat {
            #[state(start, silent, signals(Paid(Receipt) = "paid", Refused, Refused, Late = "Refused"), to(Next))] Begin,
            #[state(silent, signals(Paid(Receipt)), to(Last))] Next,
            #[state(silent, signals(Refused(Why), Paid(Receipt) = "paid", Early = "paid"), to(Done))] Last,
            #[state(end)] Done,
        }
    "#

    reminders_and_effects_that_collide: r#"
        #[flow(effects(Ring, Mail(Letter) = "Ring", Ring(Bell), RING))]
        enum Chat {
            #[state(start, silent, remind("1h", Late), remind(Early = "Late"), remind(Late), remind("1 hour", Last), to(Done))]
            Begin,
            #[state(end)] Done,
        }
    "#

    methods_of_what_comes_in_that_collide: r#"
        #[flow(effects(Ring))]
        enum Chat {
            #[state(start, silent, signals(Paid), remind(Paid), to(BeginOnPaid))] Begin,
            #[state(silent, to(DeliverRing))] BeginOnPaid,
            #[state(silent, to(OnOpen))] DeliverRing,
            #[state(end)] OnOpen,
        }
    "#

    types_of_the_module_that_collide: r#"
        #[flow(effects(Ring))]
        enum Chat {
            #[state(start, ask = "Well?", choices(Yes), remind(Late), signals(Paid), to(ToEnd, BeginChoice))] Begin,
            #[state(silent, to(BeginReminder))] BeginChoice,
            #[state(silent, to(ChatSignal))] BeginReminder,
            #[state(silent, to(ChatEffect))] ChatSignal,
            #[state(silent, to(End))] ChatEffect,
            #[state(ask = "Well?", choices(Yes), to(EndChoice))] ToEnd,
            #[state(end)] EndChoice,
            #[state(end)] End,
        }
    "#

    paths_to_states: r#"
        #[flow(anywhere("stop" => Other::Done, "go" => chat::Done))]
        enum Chat {
            #[state(start, silent, to(Chat::Next, Self::Done, Next, Self), after("1h", crate::Chat::Done))] Begin,
            #[state(silent, to(Chat::Begin::Done, Other::Nxet, Other::Pizza))] Next,
            #[state(end)] Done,
        }
    "#

    words_that_are_named_twice_in_without: r#"
        #[flow(anywhere("stop" => Done, back))]
        enum Chat {
            #[state(start, silent, without(back, "stop", "back"), to(Done))] Begin,
            #[state(end)] Done,
        }
    "#
}
