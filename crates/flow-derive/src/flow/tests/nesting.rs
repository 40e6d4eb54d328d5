//! The messages about flows in flows: what runs, what is corrected, what is said aside, and what a link opens.

use super::mistakes;

messages! {
    flows_in_flows_without_mistakes: r#"
        #[flow(anywhere(aside("/hours" => Hours), back), opens("book" => Visit), corrects(name("another name")))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Visit2))] Mail { name: String },
            #[state(run = address::Address, begin, after("1h", Done), to(Sure))]
            Visit2 { name: String, email: String },
            #[state(
                ask = "Sure?", choices(Yes, No), corrects(name, email("Change e-mail", "mail") => (name)),
                to(Done)
            )]
            Sure { name: String, email: String },
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Hours,
            #[state(end)] Done,
        }
    "#

    a_flow_that_runs_itself: r#"
        enum Chat {
            #[state(start, run = Self, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_flow_that_runs_itself_by_its_name: r#"
        enum Chat {
            #[state(start, run = Chat, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_flow_of_this_name_elsewhere: r#"
        enum Chat {
            #[state(start, run = other::Chat, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_state_called_as_the_flow_that_it_runs: r#"
        enum Chat {
            #[state(start, run = Address, to(Done))] Address,
            #[state(end)] Done,
        }
    "#

    a_state_called_as_a_flow_that_another_state_runs: r#"
        enum Chat {
            #[state(start, run = Address, to(Address))] One,
            #[state(silent, to(Done))] Address,
            #[state(end)] Done,
        }
    "#

    a_state_called_as_a_flow_that_an_end_runs_too: r#"
        enum Chat {
            #[state(end, run = Address)] Done,
            #[state(start, run = Address, to(Address, Done))] One,
            #[state(silent, to(Done))] Address,
        }
    "#

    an_end_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, silent, to(Done))] One,
            #[state(end, run = Address)] Done,
        }
    "#

    an_end_that_begins_a_flow: r#"
        enum Chat {
            #[state(start, silent, to(Done))] One,
            #[state(end, run = Address, begin)] Done,
        }
    "#

    a_question_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, ask = "Where?", to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_statement_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, say = "Well.", to(Done))] One,
            #[state(end)] Done,
        }
    "#

    choices_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, choices(Yes, No), to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_silent_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, silent, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    an_offer_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, offers = Slot, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    an_answer_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, answer = String, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    tries_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, tries(3, Done), to(Done))] One,
            #[state(end)] Done,
        }
    "#

    corrections_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(One))] Name,
            #[state(run = Address, corrects(name), to(Done))] One { name: String },
            #[state(end)] Done,
        }
    "#

    prompts_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, ask = "Where?", say = "Well.", silent, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    an_answer_without_a_type_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, answer, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    two_forms_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, choices(Yes, No), handled, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_question_and_an_offer_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, offers = Slot, ask = "Which?", to(Done))] One,
            #[state(end)] Done,
        }
    "#

    a_question_of_a_state_that_runs_a_flow_and_is_left_by_time: r#"
        enum Chat {
            #[state(start, run = Address, ask = "Where?", after("1h", Done))] One,
            #[state(end)] Done,
        }
    "#

    faulty_choices_of_a_state_that_runs_a_flow: r#"
        #[flow(anywhere("no" => Done))]
        enum Chat {
            #[state(start, run = Address, choices(Yes, Yes, No(" ", "{name}", "yes")), to(Done))] One,
            #[state(end)] Done,
        }
    "#

    faulty_corrections_of_a_state_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, corrects(name(""), name, email("{name}")), to(Done))] One,
            #[state(end)] Done,
        }
    "#

    names_of_what_a_state_cannot_have_that_runs_a_flow: r#"
        enum Chat {
            #[state(start, run = Address, choices(Yes, No), to(OneChoice, OneCorrected))] One,
            #[state(silent, to(Done))] OneChoice,
            #[state(run = Address, corrects(name), to(Done, OneCorrection))] OneCorrected,
            #[state(silent, to(OneCorrectedCorrected))] OneCorrection,
            #[state(silent, begin, to(OneCorrectedCorrectedBegin))] OneCorrectedCorrected,
            #[state(silent, to(Done))] OneCorrectedCorrectedBegin,
            #[state(end)] Done,
        }
    "#

    a_state_that_runs_a_flow_and_leads_nowhere: r#"
        enum Chat {
            #[state(start, run = Address)] One,
            #[state(silent, to(Done))] Two,
            #[state(end)] Done,
        }
    "#

    a_beginning_of_nothing: r#"
        enum Chat {
            #[state(start, ask = "Name?", begin, to(Done))] Name,
            #[state(end)] Done { name: String },
        }
    "#

    run_without_a_flow: r#"
        enum Chat {
            #[state(start, run, to(Two))] One,
            #[state(run(Address), to(Three))] Two,
            #[state(run = "Address", to(Done))] Three,
            #[state(end)] Done,
        }
    "#

    begin_with_a_state: r#"
        enum Chat {
            #[state(start, run = Address, begin = Street, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    run_twice: r#"
        enum Chat {
            #[state(start, run = Address, run = Booking, to(Done))] One,
            #[state(end)] Done,
        }
    "#

    other_names_of_run_and_corrects: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(One))] Name,
            #[state(subflow = Address, to(Sure))] One { name: String },
            #[state(silent, corrections(name), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_method_that_the_end_of_a_flow_has: r#"
        enum Chat {
            #[state(start, run = Address, to(VisitDone))] Visit,
            #[state(silent, to(Done))] VisitDone,
            #[state(end)] Done,
        }
    "#

    a_state_called_as_the_enum_of_the_ends: r#"
        enum Chat {
            #[state(start, silent, to(Done))] ChatEnd,
            #[state(end)] Done,
        }
    "#

    a_state_called_as_the_enum_of_the_corrections: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] SureCorrection,
            #[state(silent, corrects(name), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_state_called_as_the_enum_of_what_the_flow_corrects_there: r#"
        #[flow(corrects(name))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] SureCorrection,
            #[state(silent, to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_of_a_field_that_is_not_there: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(pizza), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_of_a_misspelt_field: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(nmae), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_in_a_state_without_fields: r#"
        enum Chat {
            #[state(start, silent, corrects(name), to(Done))] Name,
            #[state(end)] Done,
        }
    "#

    a_correction_at_an_end: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Done))] Name,
            #[state(end, corrects(name))] Done { name: String },
        }
    "#

    faulty_corrections_at_an_end: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Done))] Name,
            #[state(end, corrects(name("", "{name}")))] Done { name: String },
        }
    "#

    a_correction_that_no_state_asks_for: r#"
        enum Chat {
            #[state(start, handled, to(Sure))] Name,
            #[state(silent, corrects(name), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_correction_that_two_states_ask_for: r#"
        enum Chat {
            #[state(start, silent, to(Name, Other))] Begin,
            #[state(ask = "Name?", to(Sure))] Name,
            #[state(ask = "Other name?", to(Sure))] Other,
            #[state(silent, corrects(name), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_that_an_end_asks_for_too: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name), to(Done))] Sure { name: String },
            #[state(end, to(Sure))] Done,
        }
    "#

    a_correction_that_an_end_may_ask_for: r#"
        enum Chat {
            #[state(start, silent, to(Sure))] Begin { name: String },
            #[state(silent, corrects(name), to(Done))] Sure { name: String },
            #[state(end, to(Sure))] Done,
        }
    "#

    a_correction_asked_for_by_a_misspelt_state: r#"
        enum Chat {
            #[state(start, silent, to(Name, Other))] Begin,
            #[state(ask = "Name?", to(Sure))] Name,
            #[state(ask = "Other name?", to(Sure))] Other,
            #[state(silent, corrects(name = Othre), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    corrections_asked_for_by_misspelt_states_that_could_not_ask: r#"
        #[flow(corrects(name = Dnoe))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name = Srue, email = Maill), to(Other))] Sure { name: String, email: String },
            #[state(silent, corrects(email = Mial), to(Done))] Other { email: String },
            #[state(end)] Done,
        }
    "#

    a_correction_asked_for_by_a_strange_state: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name = Pizza), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_asked_for_where_it_is_known: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name = Sure), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_asked_for_by_an_end: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name = Done), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_asked_for_by_a_state_that_knows_more: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Both))] Mail { name: String },
            #[state(silent, to(Sure))] Both { name: String, email: String },
            #[state(silent, corrects(email), to(Done))] Sure { email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_is_no_correction: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(email => name), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_is_misspelt: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name, email => nmae), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_the_flow_corrects_and_this_state_cannot: r#"
        #[flow(corrects(email))]
        enum Chat {
            #[state(start, ask = "Name?", to(Known))] Name,
            #[state(ask = "Well?", corrects(name => email), to(Mail))] Known { name: String },
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_the_flow_corrects_here: r#"
        #[flow(corrects(email))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name => email), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_the_flow_corrects_by_mistake: r#"
        #[flow(corrects(email = Pizza))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name => email), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_depends_on_itself: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name => name), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_dependent_that_stands_there_twice: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name, email => (name, name)), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    two_dependents_of_a_correction: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Phone))] Mail { name: String },
            #[state(ask = "Phone?", to(Sure))] Phone { name: String, email: String },
            #[state(silent, corrects(name => (email, phone), email, phone), to(Done))]
            Sure { name: String, email: String, phone: String },
            #[state(end)] Done,
        }
    "#

    dependents_in_a_circle: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name => email, email => name), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    two_dependents_of_which_one_is_in_a_circle: r#"
        #[flow(corrects(name => (phone, email), email => name, phone))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Phone))] Mail { name: String },
            #[state(ask = "Phone?", to(Sure))] Phone { name: String, email: String },
            #[state(silent, to(Done))] Sure { name: String, email: String, phone: String },
            #[state(end)] Done,
        }
    "#

    a_correction_with_the_word_of_a_choice: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(ask = "Sure?", choices(Yes("Yes", "right"), No), corrects(name("Change", "RIGHT")), to(Done))]
            Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_with_the_word_of_another: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, corrects(name("Change"), email("change")), to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_correction_with_its_word_twice: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name("Change", "change")), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_with_a_word_that_counts_anywhere: r#"
        #[flow(anywhere("change" => Done))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name("Change")), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_without_letters: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name("", " x ")), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    words_with_a_mistake_that_a_choice_has_too: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, choices(Yes("{yes}")), corrects(name("{name", "{name", "{yes}")), to(Done))]
            Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_twice: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects(name, name("Another")), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    corrections_of_other_forms: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Phone))] Mail { name: String },
            #[state(ask = "Phone?", to(Sure))] Phone { name: String, email: String },
            #[state(silent, corrects("name", Fone, email(), phone: "Other"), to(Done))]
            Sure { name: String, email: String, phone: String },
            #[state(end)] Done,
        }
    "#

    corrections_without_a_list: r#"
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, corrects = name, to(Sure2))] Sure { name: String },
            #[state(silent, corrects, to(Sure3))] Sure2 { name: String },
            #[state(silent, corrects(), to(Done))] Sure3 { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_of_the_flow_that_no_state_holds: r#"
        #[flow(corrects(nmae, pizza))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_of_the_flow_that_two_states_ask_for: r#"
        #[flow(corrects(name))]
        enum Chat {
            #[state(start, silent, to(Name, Other))] Begin,
            #[state(ask = "Name?", to(Sure))] Name,
            #[state(ask = "Other name?", to(Sure))] Other,
            #[state(silent, to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_correction_of_the_flow_that_nothing_can_use: r#"
        #[flow(corrects(name))]
        enum Chat {
            #[state(start, ask = "Name?", to(Done))] Name,
            #[state(end)] Done { name: String },
        }
    "#

    a_correction_of_the_flow_twice: r#"
        #[flow(corrects(name, name))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    words_of_corrections_of_the_flow_that_clash: r#"
        #[flow(corrects(name("change"), email("Change")))]
        enum Chat {
            #[state(start, ask = "Name?", to(Mail))] Name,
            #[state(ask = "E-mail?", to(Sure))] Mail { name: String },
            #[state(silent, to(Done))] Sure { name: String, email: String },
            #[state(end)] Done,
        }
    "#

    a_word_of_a_correction_of_the_flow_that_is_a_choice: r#"
        #[flow(corrects(name("no")))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(ask = "Sure?", choices(Yes, No), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    a_word_of_a_correction_of_the_flow_twice_that_is_a_choice: r#"
        #[flow(corrects(name("no", "No")))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(ask = "Sure?", choices(Yes, No), to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    dependents_of_a_correction_of_the_flow: r#"
        #[flow(corrects(name => pizza))]
        enum Chat {
            #[state(start, ask = "Name?", to(Sure))] Name,
            #[state(silent, to(Done))] Sure { name: String },
            #[state(end)] Done,
        }
    "#

    an_aside_to_a_state_that_is_not_there: r#"
        #[flow(anywhere(aside("/hours" => Huors), aside("/pizza" => Pizza)))]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Hours,
            #[state(end)] Done,
        }
    "#

    an_aside_to_a_state_that_holds_fields: r#"
        #[flow(anywhere(aside("/hours" => Hours)))]
        enum Chat {
            #[state(start, ask = "Name?", to(Hours))] Begin,
            #[state(end)] Hours { name: String },
        }
    "#

    asides_of_other_forms: r#"
        #[flow(anywhere(aside, aside("/a"), aside = "/b", "/c" => aside(Hours), aside("/d" = Hours)))]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Hours,
            #[state(end)] Done,
        }
    "#

    an_aside_of_a_word_that_leads_elsewhere: r#"
        #[flow(anywhere("/hours" => Done, aside("/Hours" => Hours), aside(" " => Hours)))]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(end)] Hours,
            #[state(end)] Done,
        }
    "#

    a_link_to_a_state_that_is_not_there: r#"
        #[flow(opens("book" => Viist, "pizza" => Pizza))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    a_link_to_a_state_that_holds_fields: r#"
        #[flow(opens("book" => Visit))]
        enum Chat {
            #[state(start, ask = "Name?", to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit { name: String },
            #[state(end)] Done,
        }
    "#

    a_link_to_a_misspelt_state_that_holds_fields: r#"
        #[flow(opens("book" => Viist))]
        enum Chat {
            #[state(start, ask = "Name?", to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit { name: String },
            #[state(end)] Done,
        }
    "#

    a_link_of_a_name_that_another_has: r#"
        #[flow(opens("book" => Visit, "book" => Done, "Book" => Visit))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    a_link_of_no_name: r#"
        #[flow(opens("" => Visit, " book" => Visit))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    links_of_no_name_twice: r#"
        #[flow(opens("" => Visit, "" => Done, " book" => Visit, " book" => Done))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    a_link_of_a_name_that_another_has_which_leads_nowhere: r#"
        #[flow(opens("book" => Pizza, "book" => Visit))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    links_of_other_forms: r#"
        #[flow(opens(book => Visit, "jobs", "tour" = Visit, "menu": Visit))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    links_without_a_list: r#"
        #[flow(opens, links("book" => Visit))]
        enum Chat {
            #[state(start, silent, to(Visit))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#

    a_state_that_only_a_link_reaches: r#"
        #[flow(opens("book" => Visit))]
        enum Chat {
            #[state(start, silent, to(Done))] Begin,
            #[state(run = Booking, to(Done))] Visit,
            #[state(end)] Done,
        }
    "#
}
