//! What goes wrong with accounts, invoices and tools.

use super::{Identified, Investigating, Monitoring, Partial, Resolved, Slow, Story, Up, step};

pub const NO_SINGLE_SIGN_ON: Story = Story {
    titles: &[
        "Signing in through an identity provider fails",
        "Some people can't sign in",
        "Single sign-on fails",
    ],
    casts: &[&["Sign-in", "Dashboard"], &["Sign-in", "VPN Gateways"], &["Sign-in", "Dashboard"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "People who sign in through their company's identity provider are sent back to where they began. \
             Passwords and two-factor codes work. We are investigating.",
            "Signing in ends with an error for some people, and a second attempt does not help. We are \
             looking for what they have in common.",
            "Single sign-on has not worked for several companies since {from} UTC. We are looking into it. \
             Signing in with a password works.",
        ]),
        step(14, Identified, &[(1, Slow)]).says(&[
            "A certificate by which identity providers know us was renewed on half of our servers only. We \
             are renewing it on the others. The {1} may ask people to sign in again until then.",
            "It concerns accounts whose addresses contain capital letters: a new release takes them for \
             other accounts. We are going back to the release before. {1} that ask for a personal sign-in \
             are affected too.",
            "The clocks of two of our servers are a minute fast, and identity providers refuse what these \
             servers sign. We are setting them right. The {1} may ask people to sign in more than once.",
        ]),
        step(26, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "All servers have the same certificate, and people sign in as usual. We are watching.",
            "The release before is back and everybody can sign in. We are watching.",
            "All clocks agree again, and single sign-on works for all who had told us of trouble.",
        ]),
        step(51, Resolved, &[]).says(&[
            "Single sign-on failed for about half of all attempts between {from} and {until} UTC. A \
             certificate is now put to use only when all servers have it.",
            "Between {from} and {until} UTC, some people could not sign in. No one could get into an account \
             that is not theirs. Addresses with capital letters are part of our tests now.",
            "Single sign-on has worked since {until} UTC. A server whose clock is off by more than five \
             seconds now takes itself out of service.",
        ]),
    ],
};

pub const FALSE_MAIL: Story = Story {
    titles: &["E-mails in our name that are not from us", "Calls in our name that are not from us"],
    casts: &[&[]],
    steps: &[
        step(0, Identified, &[]).says(&[
            "Several customers have received e-mails that look like ours and ask them to confirm their \
             payment details. They are not from us. Please do not follow their links. All our services are \
             well.",
            "Several customers were called by people who say that they work for us and ask for sign-in \
             codes. We never ask for codes, on the telephone or anywhere else. All our services are well.",
        ]),
        step(74, Identified, &[]).says(&[
            "The company where the false page stood has been told. Should you have entered your password \
             there, please change it in the Dashboard and look through your API tokens.",
            "If you have told somebody a code, please change your password in the Dashboard and end all \
             other sessions there. We find no sign that anybody learned the telephone numbers from us.",
        ]),
        step(221, Resolved, &[]).says(&[
            "The false page is gone. The addresses were most likely collected from public sources: about \
             half of those who wrote to us are not customers.",
            "We have received no more reports for two hours, and the number that showed on telephones has \
             been switched off. Thank you to all who wrote to us.",
        ]),
    ],
};

pub const NO_INVOICES: Story = Story {
    titles: &["Invoices can't be opened", "Card payments fail", "Invoices can't be downloaded"],
    casts: &[&["Billing"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Opening an invoice ends with an error. Payments, and the records of what you use, are not \
             affected.",
            "Some card payments are refused although the cards are in order. Nobody's services will be \
             switched off over this. We are investigating.",
            "Downloading an invoice has failed since {from} UTC for some accounts. We are investigating.",
        ]),
        step(33, Identified, &[]).says(&[
            "The service that turns invoices into PDF files does not start since its update. We are going \
             back to the version before.",
            "Our payment provider confirms trouble with one card network. We will repeat all payments that \
             failed today.",
            "It concerns invoices with more than 500 lines, which take longer to prepare than a request may \
             last. We are preparing them ahead of time.",
        ]),
        step(51, Monitoring, &[(0, Up)]).says(&[
            "Invoices can be opened again. We are watching.",
            "Payments go through. The ones that failed are being repeated now.",
            "Long invoices open within a few seconds. We are watching.",
        ]),
        step(86, Resolved, &[]).says(&[
            "All invoices can be opened. No invoice was changed by this.",
            "All payments that failed have been repeated, and no card was charged twice.",
            "Invoices of all lengths can be downloaded since {until} UTC.",
        ]),
    ],
};

pub const LATE_GRAPHS: Story = Story {
    titles: &["Graphs and logs lag behind", "New log lines show up late"],
    casts: &[&["Metrics and Logs", "Alerts"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "New measurements and log lines show up to 25 minutes late. None are lost: they wait in a queue.",
            "Log lines of the last half hour are missing from searches. They are safe and will show up \
             later. We are investigating.",
        ]),
        step(17, Identified, &[(1, Slow)]).says(&[
            "More log lines than ever before came in at {from} UTC, and the nodes that sort them can't keep \
             up. We are adding nodes. {1} that look at the last minutes may come late.",
            "A node of the index is full and holds up the others. We are moving a part of it elsewhere. {1} \
             on log lines may come late.",
        ]),
        step(66, Identified, &[(1, Up)]).says(&[
            "What comes in is sorted at once, and alerts are on time. What waited is being sorted, newest \
             first.",
            "New lines show at once again, and alerts are on time. Those of the time in between are being \
             added.",
        ]),
        step(187, Monitoring, &[(0, Up)]).says(&[
            "Everything that waited has been sorted. We are watching whether the new nodes suffice.",
            "Searches are complete again. We are watching how the parts of the index grow.",
        ]),
        step(243, Resolved, &[]).says(&[
            "Measurements and log lines were late between {from} and {until} UTC; all of them are there now. \
             The added nodes stay.",
            "Log lines were late between {from} and {until} UTC; all of them are there now. An index that \
             fills up is now divided by itself.",
        ]),
    ],
};

pub const FAILED_REQUESTS: Story = Story {
    titles: &["Errors when using the {0}", "The {0} answers with errors", "Some requests to the {0} fail"],
    casts: &[&["Legacy API", "Autoscaling"], &["Dashboard", "Billing"], &["Public API", "Dashboard"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "Many requests to the {0} end with error 500. Version 2 is not affected. We are investigating.",
            "Opening the {0} often ends with an error. Everything that you run there goes on running. We are \
             looking into it.",
            "About one in ten requests to the {0} ends with error 503. A second attempt usually succeeds. We \
             are investigating.",
        ]),
        step(9, Investigating, &[(1, Slow)]).says(&[
            "Rules for {1} that were written for version 1 are carried out late.",
            "Pages of {1} are slow as well. The Public API and the command-line tool are well, should you \
             need them in the meantime.",
            "The {1} is slow for the same reason, because it relies on the {0}.",
        ]),
        step(18, Identified, &[]).says(&[
            "A table that only version 1 uses has outgrown its index. We are building a new one.",
            "One of the servers behind the {0} has an old copy of its files and asks for parts that are no \
             longer there. We are taking it out.",
            "The latest release holds on to its database connections for too long, so that new requests find \
             none. We are going back to the release before.",
        ]),
        step(31, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "The new index is in use and requests succeed. We are watching.",
            "The server is out, and pages open as usual. We are watching.",
            "The release before is back everywhere and there are no more errors. We are watching.",
        ]),
        step(62, Resolved, &[]).says(&[
            "The {0} has been well since {until} UTC. Please remember that it is switched off at the end of \
             next year.",
            "The {0} has been well since {until} UTC. A server now compares its files with those of the \
             others before it takes requests.",
            "Between {from} and {until} UTC, up to 12 % of requests to the {0} failed. Releases are now \
             tested with as few database connections as they may ever have.",
        ]),
    ],
};

pub const OLD_FIGURES: Story = Story {
    titles: &["Usage figures are out of date", "This month's usage shows as zero"],
    casts: &[&["Billing", "Dashboard"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "The usage shown for today has not changed since {from} UTC. What you use is recorded all the \
             same.",
            "The {1} shows a usage of zero for this month in some accounts. Nothing has been lost: the \
             figures are there, and are not shown. We are investigating.",
        ]),
        step(29, Identified, &[(1, Slow)]).says(&[
            "The job that adds up usage stops at one account. We are looking at what is special about it, \
             and let the job pass it over. Overviews in the {1} load slowly meanwhile.",
            "The figures are kept by month, and the table of this month lacks a permission. We are setting \
             it. Overviews in the {1} load slowly meanwhile.",
        ]),
        step(57, Resolved, &[(0, Up), (1, Up)]).says(&[
            "Usage is up to date for all accounts. Invoices are not affected.",
            "All figures show again. Budgets that warn you by e-mail have been checked once more with the \
             right figures.",
        ]),
    ],
};

pub const LATE_MAIL: Story = Story {
    titles: &["E-mails from us arrive late", "Text messages from us arrive late"],
    casts: &[&["Alerts", "Sign-in"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "E-mails that we send arrive up to 20 minutes late at some providers. Alerts by text message and \
             webhook are on time.",
            "Text messages that we send arrive late or not at all in some countries. Alerts by e-mail and \
             webhook are on time.",
        ]),
        step(24, Identified, &[(1, Slow)]).says(&[
            "A large provider of mailboxes accepts our messages slowly, because one of our addresses was \
             listed as a source of spam by mistake. We are sending from other addresses. Codes for signing \
             in may be late too.",
            "One of our two providers for text messages has trouble. We are sending all messages through the \
             other one. Codes for signing in are affected too: an authenticator app works without messages.",
        ]),
        step(55, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "Messages arrive within seconds again, and those that waited have been delivered.",
            "Messages arrive as usual by way of the other provider. We are watching.",
        ]),
        step(109, Resolved, &[]).says(&[
            "Our address is off the list. E-mails were late between {from} and {until} UTC; none were lost.",
            "The first provider has solved its trouble and takes its share of messages again. Messages were \
             late between {from} and {until} UTC.",
        ]),
    ],
};
