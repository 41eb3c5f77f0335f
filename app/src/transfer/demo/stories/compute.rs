//! What goes wrong with machines and what runs on them.

use super::{Identified, Investigating, Monitoring, Partial, Resolved, Slow, Story, Up, step};

pub const NO_NEW_MACHINES: Story = Story {
    titles: &["New machines do not start in {region}", "Creating machines in {region} takes very long"],
    casts: &[&["Virtual Machines", "Autoscaling"], &["Virtual Machines", "Kubernetes"]],
    steps: &[
        step(0, Investigating, &[(0, Partial)]).says(&[
            "Machines that you create in {region} do not start, or only after several minutes. Machines that \
             are running are not affected.",
            "Creating a machine in {region} takes a quarter of an hour instead of a minute, and sometimes \
             fails. We are investigating.",
        ]),
        step(12, Investigating, &[(1, Slow)]).says(&[
            "For the same reason {1} can't add capacity in {region}. We have narrowed the search down to the \
             service that hands out private addresses.",
            "{1} waits for new machines in {region} too. Stopping and restarting a machine works; if you \
             can, do not delete machines that you will need again today.",
        ]),
        step(28, Identified, &[]).says(&[
            "The service counts addresses as taken that were given back long ago, and finds no free ones. We \
             are clearing its list.",
            "The hosts fetch machine images from a cache that has lost its contents, and all of them ask for \
             the same few images at once. We are filling the cache.",
        ]),
        step(47, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "Machines start within the usual time again. We are watching for a while longer.",
            "The cache is full again and new machines start within a minute.",
        ]),
        step(92, Resolved, &[]).says(&[
            "Between {from} and {until} UTC, most attempts to create a machine in {region} failed. Addresses \
             are now counted anew every night.",
            "New machines in {region} were late between {from} and {until} UTC. The caches now keep a copy \
             on disk.",
        ]),
    ],
};

pub const SLOW_FUNCTIONS: Story = Story {
    titles: &[
        "Functions are slow to start in {region}",
        "The first call of a function times out in {region}",
    ],
    casts: &[&["Functions", "Container Registry"], &["Functions", "Object Storage"]],
    steps: &[
        step(0, Investigating, &[(0, Slow)]).says(&[
            "Functions in {region} that were not called for a while need 10 to 20 seconds for their first \
             answer. Functions in constant use are not affected.",
            "The first call of a function in {region} often times out; the next one succeeds. We are \
             investigating.",
        ]),
        step(13, Identified, &[(1, Slow)]).says(&[
            "Their code comes from the {1}, which answers slowly in {region} since a node was replaced. We \
             are spreading the load over the other nodes.",
            "Their code is kept in {1}, and one node of it in {region} has a failing disk that slows down \
             all who read from it. We are taking the node out.",
        ]),
        step(29, Monitoring, &[(0, Up), (1, Up)]).says(&[
            "Functions start in under a second again. We are watching.",
            "The node is out and start times are back to normal. We are watching the others.",
        ]),
        step(58, Resolved, &[]).says(&[
            "Functions in {region} were slow to start between {from} and {until} UTC. Nodes are now filled \
             before they receive requests.",
            "All has been well since {until} UTC. A disk that slows down is now taken out before it fails.",
        ]),
    ],
};
