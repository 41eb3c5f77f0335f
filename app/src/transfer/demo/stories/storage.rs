//! What goes wrong with what is kept.

use super::{Identified, Investigating, Monitoring, Partial, Resolved, Slow, Story, Up, step};

pub const SLOW_DOWNLOADS: Story = Story {
    titles: &[
        "Slow downloads in {region}",
        "Downloads from {region} take very long",
        "Downloads are slow in {region}",
    ],
    casts: &[&["Object Storage"], &["Container Registry"], &["Machine Images"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Downloads from {0} in {region} take several times as long as usual. Uploads are not affected. \
             We are looking into it.",
            "Since {from} UTC, downloads from the {0} in {region} are slow, and the largest ones break off. \
             We are investigating.",
            "Downloading from {0} in {region} is much slower than usual. We are looking into it.",
        ]),
        step(18, Identified, &[]).says(&[
            "One of the switches between the storage racks drops packets, which slows down every transfer \
             that passes through it. We are leading traffic around it.",
            "A check of all stored data, which should only run while there is nothing else to do, takes more \
             than its share of the disks. We are stopping it.",
            "A host that keeps many of the most wanted files has failed, and its copies elsewhere can't keep \
             up. We are making more copies.",
        ]),
        step(41, Monitoring, &[(0, Up)]).says(&[
            "The switch carries no more traffic and downloads are as fast as they should be. We are watching \
             the links that took over.",
            "The check has stopped and downloads are back to their usual speed. It will go on at a lower \
             speed tonight, while we watch.",
            "There are enough copies now, and downloads have their usual speed.",
        ]),
        step(76, Resolved, &[]).says(&[
            "Downloads from {0} in {region} were slow between {from} and {until} UTC. No data was lost or \
             damaged, and the switch has been replaced.",
            "The {0} in {region} has been as fast as usual since {until} UTC. The check now gives way when \
             disks are busy.",
            "Between {from} and {until} UTC, downloads were slow in {region}. Files that many want at once \
             are now spread over more hosts.",
        ]),
    ],
};

pub const LATE_BACKUPS: Story = Story {
    titles: &["Nightly backups in {region} have not finished", "Backups are late in {region}"],
    casts: &[&["Backups", "Block Storage"], &["Backups", "File Storage"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Nightly backups in {region} that should be done by now are still running. Earlier backups are \
             complete and can be restored.",
            "Last night's backups in {region} began late. We are finding out why. All earlier backups can be \
             restored.",
        ]),
        step(52, Identified, &[(1, Slow)]).says(&[
            "The backups share their network with the repair of a shelf of disks, which is nearly done. We \
             have slowed the repair down. Until both are through, snapshots on {1} are slow.",
            "A lock that one backup had left behind kept the others from starting. They now all run at once, \
             which you may notice on {1}.",
        ]),
        step(138, Monitoring, &[(1, Up)]).says(&[
            "Nine of ten backups are done, and {1} has its usual speed. We are keeping an eye on the rest.",
            "Most backups are done. {1} has its usual speed again.",
        ]),
        step(221, Resolved, &[(0, Up)]).says(&[
            "All backups of last night are complete as of {until} UTC. Repairs and backups now use different \
             networks.",
            "All backups are complete. A lock that nobody holds any more is now removed within a minute.",
        ]),
    ],
};

pub const CLUSTERS_STUCK: Story = Story {
    titles: &["{0} clusters can't be changed in {region}"],
    casts: &[&["Kubernetes"], &["PostgreSQL"], &["Search"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Creating, resizing and deleting {0} clusters in {region} fails or never ends. Clusters that run \
             go on running.",
            "Changes to {0} clusters in {region} have not been carried out since {from} UTC. The clusters \
             themselves are well. We are investigating.",
            "New {0} clusters in {region} stay in preparation, and changes to others are not carried out. \
             Searching works as usual in all clusters.",
        ]),
        step(21, Identified, &[]).says(&[
            "The service that carries out changes has no room left for its own records. We are giving it \
             more and will then work off what has piled up.",
            "Two copies of the service that carries out changes each believed to be the one in charge, and \
             both stopped to be safe. We are starting one of them.",
            "The service that carries out changes waits for one host that does not answer. We are removing \
             the host.",
        ]),
        step(44, Monitoring, &[(0, Up)]).says(&[
            "Changes are carried out again, in the order in which they were asked for. You need not ask for \
             them a second time.",
            "One copy is in charge and changes are carried out. We are watching.",
            "The host is gone from the list, and clusters are being made and changed. We are watching until \
             all is done.",
        ]),
        step(83, Resolved, &[]).says(&[
            "Changes to {0} clusters in {region} were late between {from} and {until} UTC. All have been \
             carried out by now. We are warned earlier when room for records gets scarce.",
            "All changes to {0} clusters have been carried out. We are working on a better way to tell which \
             copy is in charge.",
            "Everything that was asked for has been done. A host that does not answer is now passed over \
             after 30 seconds.",
        ]),
    ],
};

pub const LOST_CONNECTIONS: Story = Story {
    titles: &[
        "Connections to {0} are lost in {region}",
        "Some {0} databases in {region} can't be reached",
        "Connections to the {0} are lost in {region}",
    ],
    casts: &[&["PostgreSQL"], &["MySQL"], &["Key-Value Cache"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "Some {0} databases in {region} do not accept connections. We are investigating.",
            "Since {from} UTC, about one in twenty {0} databases in {region} can't be reached. We are \
             looking into it.",
            "Connections to some instances of the {0} in {region} break off and can't be opened again. We \
             are investigating.",
        ]),
        step(7, Identified, &[]).says(&[
            "A host with several databases has lost power. Those with a standby have moved to it already; \
             the others are starting on another host.",
            "A host had to be restarted after a fault in its memory. Databases with a standby were away for \
             half a minute; the others come back as soon as the host does.",
            "A host stopped after a fault in its network card. Instances with a replica have moved; the \
             others are being started elsewhere.",
        ]),
        step(19, Monitoring, &[(0, Slow)]).says(&[
            "All databases accept connections. Those that have just started read from disk at first and are \
             slower than usual for a while.",
            "The host is back, and so are its databases. Some are still checking their files, which makes \
             them slow for now.",
            "All instances accept connections. Those without a replica began empty, so that the databases \
             behind them may be busier than usual.",
        ]),
        step(37, Monitoring, &[(0, Up)]).says(&[
            "Response times are back to normal. We are watching the new host.",
            "All checks are done and no damage was found.",
            "Hit rates are close to what they were before. We are watching.",
        ]),
        step(66, Resolved, &[]).says(&[
            "Between {from} and {until} UTC, some {0} databases in {region} could not be reached or were \
             slow. Nothing that was committed is lost. The faulty power supply has been replaced.",
            "Some {0} databases in {region} were away or slow between {from} and {until} UTC. The host's \
             memory has been replaced. A standby turns such a fault into half a minute.",
            "This is over as of {until} UTC. The host stays out of service until its card has been replaced.",
        ]),
    ],
};
