//! Which countries' calling codes there are, and which digits are dialled only inside a country.

/// The digits that call a number from abroad, its country's code first, without what is dialled only inside the country.
///
/// None if no country has such a code.
pub(super) fn from_abroad(digits: &str) -> Option<String> {
    // A country's code never begins with the digits of another one's.
    let (code, national) =
        (1..=3).filter_map(|length| digits.split_at_checked(length)).find(|(code, _)| is_code(code))?;
    let mut national = if is_in(&ZERO_IS_TRUNK_PREFIX, code) { national.trim_start_matches('0') } else { national };
    while let Some(prefix) = trunk_prefix(code, national) {
        national = &national[prefix.len()..];
    }
    let mobile = if code == "54" { argentine_mobile(national) } else { None };
    Some(code.to_owned() + mobile.as_deref().unwrap_or(national))
}

fn is_code(code: &str) -> bool {
    !code.starts_with('0') && (is_in(&ZERO_IS_TRUNK_PREFIX, code) || is_in(&OTHER_CODES, code))
}

fn is_in(codes: &[u16], code: &str) -> bool {
    code.parse().is_ok_and(|code| codes.contains(&code))
}

/// The digits of [`TRUNK_PREFIXES`] that the national number begins with.
fn trunk_prefix(code: &str, national: &str) -> Option<&'static str> {
    let begins = |&(of, prefix, least): &(&str, &str, usize)| {
        of == code && national.len() >= least && national.starts_with(prefix)
    };
    TRUNK_PREFIXES.iter().find(|row| begins(row)).map(|(_, prefix, _)| *prefix)
}

/// Inside Argentina a mobile number has `15` behind its area's code; from abroad it has `9` in front instead.
fn argentine_mobile(national: &str) -> Option<String> {
    let is_area = |area: &usize| national[*area..].starts_with("15") && (*area == 2) == national.starts_with("11");
    let area = (2..=4).filter(|_| national.len() == 12).find(is_area)?;
    Some(format!("9{}{}", &national[..area], &national[area + 2..]))
}

/// Where a national number never begins with zero: one that is written there is dialled only inside the country, as in
/// `+49 (0)30`.
const ZERO_IS_TRUNK_PREFIX: [u16; 104] = [
    20, 27, 31, 32, 33, 40, 41, 43, 44, 46, 49, 51, 53, 54, 55, 57, 58, 60, 61, 62, 63, 64, 66, 81, 82, 84, 86, 90, 91,
    92, 93, 94, 95, 98, 211, 212, 213, 218, 231, 232, 233, 234, 243, 249, 250, 251, 252, 254, 255, 256, 260, 261, 262,
    263, 264, 265, 291, 353, 355, 358, 359, 370, 373, 374, 375, 377, 380, 381, 382, 383, 385, 386, 387, 389, 421, 423,
    508, 590, 591, 593, 594, 595, 596, 598, 686, 850, 855, 856, 880, 886, 961, 962, 963, 964, 966, 967, 970, 971, 972,
    976, 977, 994, 995, 996,
];

/// The other codes: a zero behind them belongs to the number, as in Italy, or is a slip that is kept.
const OTHER_CODES: [u16; 111] = [
    1, 7, 30, 34, 36, 39, 45, 47, 48, 52, 56, 65, 216, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 235, 236,
    237, 238, 239, 240, 241, 242, 244, 245, 246, 247, 248, 253, 257, 258, 266, 267, 268, 269, 290, 297, 298, 299, 350,
    351, 352, 354, 356, 357, 371, 372, 376, 378, 420, 500, 501, 502, 503, 504, 505, 506, 507, 509, 592, 597, 599, 670,
    672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 687, 688, 689, 690, 691, 692, 800, 808, 852, 853,
    870, 878, 881, 882, 883, 888, 960, 965, 968, 973, 974, 975, 979, 992, 993, 998,
];

/// Other digits than a single zero that are dialled only inside the country: its code, the digits, and with how many
/// digits in all a national number can only begin with them.
const TRUNK_PREFIXES: [(&str, &str, usize); 7] = [
    ("7", "8", 11),
    ("36", "06", 0),
    ("241", "0", 9),
    ("370", "8", 9),
    ("375", "80", 11),
    ("692", "1", 8),
    ("993", "8", 9),
];
