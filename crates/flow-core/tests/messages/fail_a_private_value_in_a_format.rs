use flow_core::{answers::Email, privacy::Private};

fn log(email: &Email, diagnosis: &Private<String>) {
    println!("{email}: {diagnosis}");
}

fn main() {
    let _ = log;
}
