//! What a screen says was done before: a word in its address, so that it survives the way there.

/// The sentence of a word; a word that is not known says nothing.
pub fn words(word: &str) -> Option<&'static str> {
    Some(match word {
        "posted" => "Posted. Visitors see it now.",
        "later" => "Kept. The clock posts it; until then visitors see nothing of it.",
        "untold" => "Nobody is told of it.",
        "taken-back" => "Taken back: nobody was told, and the components are as they were.",
        "planned" => "Planned. Visitors see it now.",
        "begun" => "It has begun. Visitors see it now.",
        "finished" => "It is over. Visitors see it now.",
        "replanned" => "The plan is changed. Visitors see it now.",
        "cancelled" => "It is called off. Visitors see it now.",
        "series" => "The series is changed. What was planned and is to come is planned anew.",
        "series-ended" => "The series has ended.",
        "feed-revoked" => "The address leads nowhere any more.",
        "kept" => "Kept as a draft; visitors see nothing of it.",
        "corrected" => "Corrected.",
        "published" => "The postmortem is published.",
        "deleted" => "Deleted.",
        "saved" => "Saved.",
        "set" => "Set. Visitors see it now.",
        "added" => "Added.",
        "signed-out" => "You are signed out.",
        "ended" => "Signed out there.",
        "password" => "The password is changed; you are signed out everywhere else.",
        "factor-off" => "The second step is off.",
        "role" => "The role is set.",
        "disabled" => "Disabled, and signed out everywhere.",
        "enabled" => "They can sign in again.",
        "revoked" => "The token is revoked.",
        "welcome" => "Welcome. Tell what your page is called, and what is on it.",
        _ => return None,
    })
}
